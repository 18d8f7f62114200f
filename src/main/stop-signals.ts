/** How people and service managers ask a process to end, or to renew itself. */

/** What has been stopped may leave a socket or a timer that nobody needs; it must not keep the process. */
const LEAVE_AFTER_MS = 3_000;

export function leaveSoon(exitCode: number): number {
  setTimeout(() => process.exit(exitCode), LEAVE_AFTER_MS).unref();
  return exitCode;
}

/** Calls `stop` for each signal; a parent that goes away without a word counts as one. */
export function onStopSignals(stop: () => void): void {
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop);
  // `bin/flywheel` hands over with a pipe, so that killing it does not leave a cloud behind.
  process.on('disconnect', stop);
  // Listening must not keep a process that is done.
  process.channel?.unref();
}

/** Windows has no such signal. Elsewhere a process that does not listen would be ended by it. */
export function onRestartSignal(restart: () => void): void {
  if (process.platform !== 'win32') process.on('SIGUSR2', restart);
}
