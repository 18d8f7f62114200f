/**
 * `flywheel serve <role>`: one process alone, as on many machines. Logs go to standard error; SIGTERM
 * and SIGINT stop it well.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '#platform/config.ts';
import { FlywheelError, codeOf, defineErrors } from '#platform/error.ts';
import { ensureSecrets } from './home.ts';
import { type ProcessOptions, ROLES, type Role } from './options.ts';
import { loadRole } from './roles.ts';
import { startGateways } from './serve-gateways.ts';
import { leaveSoon, onRestartSignal, onStopSignals } from './stop-signals.ts';

const fail = defineErrors({
  'serve.setting_missing': { status: 500 },
  'serve.role_unknown': { status: 500 },
});

const STREAM_GRACE_MS = 30_000;
const MODELS_FOLDER = join(import.meta.dirname, '..', '..', 'models');

/** What the command line calls. */
export async function serve(name: string, settings: Settings): Promise<number> {
  const role = ROLES.find((known) => known === name);
  if (role === undefined) throw fail('serve.role_unknown', `There is no process ${name}.`);
  const signals = { onStop: onStopSignals, onRestart: onRestartSignal };
  return leaveSoon(await runServe({ role, settings, ...signals }));
}

export type ServeOptions = Readonly<{
  role: Role;
  settings: Settings;
  /** Asks for a clean stop. */
  onStop: (stop: () => void) => void;
  /** Asks for new gateway processes in the place of those that run; one that is alone has no successor. */
  onRestart?: (restart: () => void) => void;
}>;

/** Runs until it is asked to stop. Raises what kept it from starting. */
export async function runServe(asked: ServeOptions): Promise<number> {
  const { role, settings, onStop, onRestart = (): void => {} } = asked;
  const stopped = Promise.withResolvers<void>();
  onStop(() => stopped.resolve());
  const options = await toOptions(role, settings);
  if (role === 'gateway' && settings.FLYWHEEL_GATEWAYS > 1) {
    const group = await startGateways(options, onRestart);
    await stopped.promise;
    await group.stop(STREAM_GRACE_MS);
    return 0;
  }
  onRestart(() => {});
  const start = await loadRole(role);
  const running = await start(options, () => {}).catch((error: unknown) => {
    throw explain(error, options);
  });
  await stopped.promise;
  await running.stop(STREAM_GRACE_MS);
  return 0;
}

async function toOptions(role: Role, settings: Settings): Promise<ProcessOptions> {
  await mkdir(settings.FLYWHEEL_HOME, { recursive: true, mode: 0o700 });
  const isJoining = role === 'node' || role === 'gateway';
  if (isJoining) requireSetting(settings, 'FLYWHEEL_CONTROL_URL', 'where control is');
  if (isJoining) requireSetting(settings, 'FLYWHEEL_JOIN_TOKEN', 'the join token of control');
  if (role === 'control') requireSetting(settings, 'FLYWHEEL_DATABASE_URL', 'its PostgreSQL');
  const secrets = isJoining
    ? { joinToken: '', sessionSecret: '' }
    : await ensureSecrets(settings.FLYWHEEL_HOME);
  return {
    settings,
    databaseUrl: settings.FLYWHEEL_DATABASE_URL,
    controlUrl: settings.FLYWHEEL_CONTROL_URL,
    joinToken: settings.FLYWHEEL_JOIN_TOKEN ?? secrets.joinToken,
    sessionSecret: secrets.sessionSecret,
    publicUrl: settings.FLYWHEEL_PUBLIC_URL ?? `http://localhost:${settings.FLYWHEEL_PORT}`,
    host: settings.FLYWHEEL_HOST,
    port: role === 'control' ? settings.FLYWHEEL_CONTROL_PORT : settings.FLYWHEEL_PORT,
    modelsFolder: MODELS_FOLDER,
  };
}

function requireSetting(
  settings: Settings,
  name: 'FLYWHEEL_CONTROL_URL' | 'FLYWHEEL_JOIN_TOKEN' | 'FLYWHEEL_DATABASE_URL',
  what: string,
): void {
  if (settings[name] !== null) return;
  throw fail('serve.setting_missing', `Set ${name}: ${what}.`);
}

function explain(error: unknown, { port }: ProcessOptions): unknown {
  if (codeOf(error) !== 'EADDRINUSE') return error;
  return new FlywheelError('port.in_use', `Port ${port} is already in use.`, { status: 500 });
}
