/** How people and service managers ask a process to end. */

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
