/** How a command ended, for scripts. Printed by `flywheel help`, so this table is the documentation. */
import { ApiError } from '#client/api-error.ts';
import { UsageError } from './usage-error.ts';

export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  notAllowed: 4,
  unreachable: 5,
  interrupted: 130,
} as const;

export const EXIT_CODES: readonly (readonly [number, string])[] = [
  [EXIT.ok, 'done'],
  [EXIT.failed, 'it failed; the message says why'],
  [EXIT.usage, 'the command, an option or a setting is wrong'],
  [EXIT.notFound, 'what was named does not exist'],
  [EXIT.notAllowed, 'the key is missing, wrong, or may not do this'],
  [EXIT.unreachable, 'no answer from the server'],
  [EXIT.interrupted, 'stopped with Ctrl-C'],
];

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (!(error instanceof ApiError)) return isSettingError(error) ? EXIT.usage : EXIT.failed;
  if (error.status === 404) return EXIT.notFound;
  if (error.status === 401 || error.status === 403) return EXIT.notAllowed;
  if (error.status === 0 || error.status === 502) return EXIT.unreachable;
  return EXIT.failed;
}

/** A wrong or unknown `FLYWHEEL_*`. */
function isSettingError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && code.startsWith('config.');
}
