/**
 * `flywheel up`: one of each process on this machine, and as many gateways as wished. Forks them all at once, so that they load their
 * code side by side, and hands each its options as soon as they are known: database → control → node
 * and gateway. Restarts what crashes, stops in the reverse order, and leaves nothing behind.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '#platform/config.ts';
import { messageOf } from '#platform/error.ts';
import { SupervisedProcess } from '#platform/process.ts';
import { createChildOutput } from './child-output.ts';
import { type ConsoleBuild, startConsoleBuild } from './console-build.ts';
import { probePort } from './front-port.ts';
import { lockHome } from './home-lock.ts';
import { codeCacheFolder, ensureSecrets, logFolder, writeProcesses } from './home.ts';
import { GatewayGroup } from './gateway-group.ts';
import { type LogFile, openLogFile } from './log-file.ts';
import type { ProcessFacts, ProcessOptions, Role } from './options.ts';
import { untilModelReady } from './ready-model.ts';
import { leaveSoon, onRestartSignal, onStopSignals } from './stop-signals.ts';
import { type Replaced, openDoor } from './supervisor-door.ts';
import { type Terminal, createTerminal } from './terminal.ts';

type Child = SupervisedProcess<ProcessOptions, ProcessFacts>;

export type UpOptions = Readonly<{
  settings: Settings;
  output: Readonly<{ write: (text: string) => unknown; isTTY?: boolean }>;
  /** Asks for a clean stop; a second call makes it hurry. */
  onStop: (stop: () => void) => void;
  /** Asks for new gateway processes in the place of those that run. */
  onRestart?: (restart: () => void) => void;
  modelsFolder?: string;
}>;

const LOOPBACK = '127.0.0.1';
/** Streams of callers get this long when we stop. */
const STREAM_GRACE_MS = 30_000;
const STOP_GRACE_MS = 5_000;
const REPEAT_AFTER_MS = 60_000;
const SHOWN_LINES_MAX = 1_000;
const MODELS_FOLDER = join(import.meta.dirname, '..', '..', 'models');

/** What the command line calls. */
export async function up(settings: Settings): Promise<number> {
  const signals = { onStop: onStopSignals, onRestart: onRestartSignal };
  return leaveSoon(await runUp({ settings, output: process.stdout, ...signals }));
}

/** Runs until it is asked to stop. Returns the exit code; what could not start is said, not raised. */
export async function runUp(options: UpOptions): Promise<number> {
  const terminal = createTerminal(options.output, performance.now());
  const { settings } = options;
  const home = settings.FLYWHEEL_HOME;
  await mkdir(home, { recursive: true, mode: 0o700 });
  const unlock = await lockHome(join(home, 'up.lock'), { waitMs: 0 }).catch((error: unknown) => {
    terminal.warn(messageOf(error));
    return null;
  });
  if (unlock === null) return 1;
  const cloud = new Cloud(settings, terminal);
  const stopped = Promise.withResolvers<void>();
  options.onStop(() => {
    cloud.stop();
    stopped.resolve();
  });
  // Whoever sends a signal reads what is said here.
  options.onRestart?.(() => void cloud.restartGateways(() => {}).catch(() => {}));
  try {
    await cloud.start(options.modelsFolder ?? MODELS_FOLDER);
    await stopped.promise;
    await cloud.end();
    return 0;
  } catch (error) {
    const wasAsked = cloud.isStopping;
    if (!wasAsked) terminal.warn(messageOf(error));
    await cloud.end();
    return wasAsked ? 0 : 1;
  } finally {
    await unlock();
  }
}

class Cloud {
  readonly #settings: Settings;
  readonly #terminal: Terminal;
  readonly #children = new Map<Role, Child>();
  readonly #files = new Map<string, LogFile>();
  #gateways: GatewayGroup | null = null;
  #console: ConsoleBuild | null = null;
  #door: Awaited<ReturnType<typeof openDoor>> | null = null;
  readonly #shownAtMs = new Map<string, number>();
  #stops = 0;
  #hurry: (() => void) | null = null;

  constructor(settings: Settings, terminal: Terminal) {
    this.#settings = settings;
    this.#terminal = terminal;
  }

  get isStopping(): boolean {
    return this.#stops > 0;
  }

  /** The first asks for a clean end, the next ones for a quick one. */
  stop(): void {
    this.#stops += 1;
    if (this.#stops === 1)
      this.#terminal.note(
        'stopping; answers under way get up to 30 s (Ctrl-C again to cut them off)',
      );
    else this.#hurry?.();
  }

  async start(modelsFolder: string): Promise<void> {
    const settings = this.#settings;
    const port = await probePort({ host: settings.FLYWHEEL_HOST, port: settings.FLYWHEEL_PORT });
    const isEmbedded = settings.FLYWHEEL_DATABASE_URL === null;
    for (const role of ROLES_IN_ORDER) {
      if (role !== 'database' || isEmbedded) this.#children.set(role, this.#fork(role));
    }
    this.#gateways = new GatewayGroup({
      count: settings.FLYWHEEL_GATEWAYS,
      fork: (name) => this.#fork('gateway', name),
      graceMs: STREAM_GRACE_MS,
    });
    const secrets = await ensureSecrets(settings.FLYWHEEL_HOME);
    const publicUrl = settings.FLYWHEEL_PUBLIC_URL ?? `http://localhost:${port}`;
    const common: ProcessOptions = {
      settings,
      databaseUrl: settings.FLYWHEEL_DATABASE_URL,
      controlUrl: null,
      joinToken: settings.FLYWHEEL_JOIN_TOKEN ?? secrets.joinToken,
      sessionSecret: secrets.sessionSecret,
      publicUrl,
      host: LOOPBACK,
      port: 0,
      modelsFolder,
    };
    const database = isEmbedded ? await this.#startRole('database', common) : null;
    // The build wants both cores for a few seconds; the database had to come first.
    this.#console = await startConsoleBuild();
    const control = await this.#startRole('control', {
      ...common,
      databaseUrl: database?.url ?? common.databaseUrl,
      port: settings.FLYWHEEL_CONTROL_PORT,
    });
    const joined = { ...common, controlUrl: control.url };
    await Promise.all([
      this.#startRole('node', joined),
      this.#startGateways({ ...joined, host: settings.FLYWHEEL_HOST, port }),
    ]);
    await this.#writeProcesses();
    this.#door = await openDoor(settings.FLYWHEEL_HOME, (told) => this.restartGateways(told));
    await this.#welcome(publicUrl, control);
  }

  async #welcome(url: string, { signIn = null, url: controlUrl }: ProcessFacts): Promise<void> {
    const model =
      signIn === null
        ? null
        : await untilModelReady({
            controlUrl,
            apiKey: signIn.apiKey,
            isStopping: () => this.isStopping,
            onReady: (name) => this.#terminal.step(`${name} answers`),
          });
    if (this.isStopping) return;
    this.#terminal.banner({ url, signIn, model, home: this.#settings.FLYWHEEL_HOME });
    const built = await this.#console?.finished;
    if (built === 'failed' && !this.isStopping) {
      this.#terminal.warn('the console could not be built; `npm run build` says why');
    }
  }

  async #startRole(role: Role, options: ProcessOptions): Promise<ProcessFacts> {
    const child = this.#children.get(role);
    if (child === undefined || this.isStopping) throw new Error('stopped while it was starting');
    const facts = await child.start(options);
    this.#terminal.step(role);
    return facts;
  }

  async #startGateways(options: ProcessOptions): Promise<void> {
    if (this.#gateways === null || this.isStopping)
      throw new Error('stopped while it was starting');
    await this.#gateways.start(options);
    this.#terminal.step('gateway');
  }

  /** New code and settings of the gateways' own would need a new supervisor; this is for their memory and their bugs. */
  async restartGateways(onReplaced: (replaced: Replaced) => void): Promise<void> {
    this.#terminal.note('replacing the gateway processes; nobody is cut off');
    try {
      await this.#gateways?.restart(onReplaced);
      await this.#writeProcesses();
      this.#terminal.step('gateway processes replaced');
    } catch (error) {
      this.#terminal.warn(`a new gateway did not start, the old one goes on: ${messageOf(error)}`);
      throw error;
    }
  }

  #logOf(name: string): LogFile {
    const known = this.#files.get(name);
    if (known !== undefined) return known;
    const file = openLogFile(join(logFolder(this.#settings.FLYWHEEL_HOME), `${name}.log`));
    this.#files.set(name, file);
    return file;
  }

  #fork(role: Role, name: string = role): Child {
    const file = this.#logOf(name);
    const output = createChildOutput(name, { file, show: (line) => this.#warn(line) });
    return new SupervisedProcess<ProcessOptions, ProcessFacts>({
      name,
      sharesPort: role === 'gateway',
      entry: join(import.meta.dirname, 'child.ts'),
      arguments: [role, codeCacheFolder(this.#settings.FLYWHEEL_HOME)],
      nodeArguments: RUNTIME_FLAGS[role],
      onOutput: output.take,
      onNote: (text) => this.#terminal.note(text),
      onCrash: ({ how, retryInMs }) => {
        if (this.isStopping) return;
        this.#terminal.warn(`${name} ended ${how}; starting it again in ${retryInMs / 1000} s`);
      },
      onBack: () => {
        this.#terminal.step(`${name} is back`);
        void this.#writeProcesses();
      },
      // Others know it by its port.
      again: (options, facts) => ({ ...options, port: facts.port }),
    });
  }

  /** In an order that loses nothing: callers first, the database last. */
  async end(): Promise<void> {
    this.#stops = Math.max(1, this.#stops);
    this.#console?.stop();
    await this.#door?.close();
    const hurried = Promise.withResolvers<void>();
    this.#hurry = () => {
      hurried.resolve();
      for (const child of this.#children.values()) child.kill();
      this.#gateways?.kill();
    };
    if (this.#stops > 1) this.#hurry();
    await Promise.race([this.#gateways?.stop(STREAM_GRACE_MS), hurried.promise]);
    for (const role of ROLES_IN_ORDER.toReversed()) {
      const graceMs = GRACE_MS[role];
      await Promise.race([this.#children.get(role)?.stop(graceMs), hurried.promise]);
    }
    for (const file of this.#files.values()) file.close();
  }

  /** Who runs, for people and tools that look from outside. */
  async #writeProcesses(): Promise<void> {
    const children = [...this.#children].map(([role, child]) => [role, child.pid] as const);
    const pids = [...children, ...(this.#gateways?.pids ?? [])];
    await writeProcesses(this.#settings.FLYWHEEL_HOME, pids);
  }

  /** While something is away, others say the same about it every second; once in a while is enough. */
  #warn(line: string): void {
    const nowMs = performance.now();
    if (this.isStopping || nowMs - (this.#shownAtMs.get(line) ?? -Infinity) < REPEAT_AFTER_MS)
      return;
    if (this.#shownAtMs.size > SHOWN_LINES_MAX) this.#shownAtMs.clear();
    this.#shownAtMs.set(line, nowMs);
    this.#terminal.warn(line);
  }
}

/** Before the gateways. */
const ROLES_IN_ORDER = ['database', 'control', 'node'] as const satisfies readonly Role[];

const GRACE_MS: Readonly<Record<(typeof ROLES_IN_ORDER)[number], number>> = {
  // The gateways are gone by then, so nobody waits for an engine's answer.
  node: 0,
  control: STOP_GRACE_MS,
  database: STOP_GRACE_MS,
};

/** A smaller young generation costs these processes nothing and the machine tens of megabytes less. */
const RUNTIME_FLAGS: Readonly<Record<Role, readonly string[]>> = {
  database: ['--max-semi-space-size=2'],
  control: ['--max-semi-space-size=4'],
  node: ['--max-semi-space-size=2'],
  gateway: [],
};
