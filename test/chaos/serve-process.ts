/**
 * One real process of the cloud (control, node or gateway), started as `flywheel serve` starts it but with
 * its options as JSON in the first argument, so that a test decides every port and address. Writes `ready`
 * when it serves; SIGTERM stops it well.
 */
import { readSettings } from '#platform/config.ts';
import type { ProcessOptions, Role } from '#main/options.ts';
import { loadRole } from '#main/roles.ts';
import { endWithParent } from './process.ts';

export type ServeOptions = Readonly<{
  role: Role;
  environment: Readonly<Record<string, string>>;
  options: Omit<ProcessOptions, 'settings'>;
}>;

const STOP_GRACE_MS = 10_000;

const { role, environment, options }: ServeOptions = JSON.parse(process.argv[2] ?? '');
const start = await loadRole(role);
const running = await start({ ...options, settings: readSettings(environment) }, () => {});
process.on('SIGTERM', () => {
  void running.stop(STOP_GRACE_MS).then(() => process.exit(0));
});
endWithParent();
process.stdout.write('ready\n');
