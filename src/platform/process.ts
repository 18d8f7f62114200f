/**
 * Supervision of our own child processes: a child is forked early so that it loads its code while
 * others start, gets its options over the pipe when they are known, says when it is ready, is started
 * again with back-off when it dies, and is asked to stop before it is made to. A child never outlives
 * its parent: it watches the pipe (see `runChild`).
 */
import { type ChildProcess, fork } from 'node:child_process';
import { FlywheelError, codeOf, messageOf } from './error.ts';
import { forkSharingPort, outliveParent } from './shared-port.ts';

export type ToChild<Options> =
  | Readonly<{ kind: 'start'; options: Options }>
  | Readonly<{ kind: 'stop' | 'retire'; graceMs: number }>;

export type FromChild<Facts> =
  | Readonly<{ kind: 'ready'; facts: Facts }>
  | Readonly<{ kind: 'failed'; code: string; message: string }>
  | Readonly<{ kind: 'note'; text: string }>;

export type SupervisedOptions<Options, Facts> = Readonly<{
  name: string;
  /** The module to run, which calls `runChild`. */
  entry: string;
  arguments?: readonly string[];
  /** Flags of the runtime, such as a bound on its heap. */
  nodeArguments?: readonly string[];
  /** Its port is also its siblings' (see shared-port.ts). */
  sharesPort?: boolean;
  /** What the child writes to its standard output and error, in pieces. */
  onOutput: (chunk: Buffer) => void;
  /** Something worth a line for people, said while it starts. */
  onNote?: (text: string) => void;
  onCrash: (end: Readonly<{ how: string; retryInMs: number }>) => void;
  onBack: (facts: Facts) => void;
  /** What a restart is given, from what the first start was given and found. */
  again?: (options: Options, facts: Facts) => Options;
}>;

/** Making an empty database on a slow machine takes the longest. */
const START_TIMEOUT_MS = 120_000;
const BACK_OFF_FIRST_MS = 200;
const BACK_OFF_MAX_MS = 10_000;
/** A child that ran this long was healthy: its next crash counts as the first. */
const STABLE_AFTER_MS = 30_000;
/** After its grace a child closes files and connections; then it is killed. */
const STOP_MARGIN_MS = 5_000;

export class SupervisedProcess<Options, Facts> {
  readonly #supervised: SupervisedOptions<Options, Facts>;
  #child: ChildProcess;
  #options: Options | null = null;
  #isStopping = false;
  #crashes = 0;
  #timer: NodeJS.Timeout | null = null;

  /** Forks at once; the child loads its code and waits for `start`. */
  constructor(supervised: SupervisedOptions<Options, Facts>) {
    this.#supervised = supervised;
    this.#child = this.#fork();
  }

  get name(): string {
    return this.#supervised.name;
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  /** Raises what the child could not do, or that it ended. Later crashes are handled here. */
  async start(options: Options): Promise<Facts> {
    const facts = await this.#startOnce(options);
    this.#options = this.#supervised.again?.(options, facts) ?? options;
    this.#watch();
    return facts;
  }

  /** Asks the child to end within `graceMs` and waits; kills it when it does not. */
  stop(graceMs: number): Promise<void> {
    return this.#end({ kind: 'stop', graceMs });
  }

  /** As `stop`, for a child whose successor answers already: it may take leave of its callers. */
  retire(graceMs: number): Promise<void> {
    return this.#end({ kind: 'retire', graceMs });
  }

  async #end(message: Exclude<ToChild<Options>, { kind: 'start' }>): Promise<void> {
    this.#isStopping = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const child = this.#child;
    if (hasEnded(child)) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    send(child, message);
    const killer = setTimeout(() => child.kill('SIGKILL'), message.graceMs + STOP_MARGIN_MS);
    await ended;
    clearTimeout(killer);
  }

  kill(): void {
    this.#isStopping = true;
    this.#child.kill('SIGKILL');
  }

  #fork(): ChildProcess {
    const { entry, nodeArguments = [], sharesPort = false, onOutput } = this.#supervised;
    const { arguments: given = [] } = this.#supervised;
    const child = sharesPort
      ? forkSharingPort({ entry, arguments: given, nodeArguments })
      : fork(entry, [...given], {
          execArgv: [...nodeArguments],
          stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        });
    child.stdout?.on('data', onOutput);
    child.stderr?.on('data', onOutput);
    // A fork that fails also ends; the listener keeps it from ending us.
    child.on('error', () => {});
    return child;
  }

  async #startOnce(options: Options): Promise<Facts> {
    const child = this.#child;
    const { name, onNote } = this.#supervised;
    const { promise, resolve, reject } = Promise.withResolvers<Facts>();
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(failure('process.slow', `${name} was not ready in ${START_TIMEOUT_MS / 1000} s.`));
    }, START_TIMEOUT_MS);
    const onMessage = (message: FromChild<Facts>): void => {
      if (message.kind === 'ready') resolve(message.facts);
      if (message.kind === 'failed') reject(failure(message.code, message.message));
      if (message.kind === 'note') onNote?.(message.text);
    };
    const onExit = (code: number | null, signal: string | null): void => {
      reject(failure('process.ended', `${name} ended ${howItEnded(code, signal)} as it started.`));
    };
    child.on('message', onMessage).once('exit', onExit);
    if (hasEnded(child)) onExit(child.exitCode, child.signalCode);
    send(child, { kind: 'start', options } satisfies ToChild<Options>);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      child.off('exit', onExit);
    }
  }

  #watch(): void {
    const child = this.#child;
    const readyAtMs = performance.now();
    const onExit = (code: number | null, signal: string | null): void => {
      if (this.#isStopping) return;
      if (performance.now() - readyAtMs > STABLE_AFTER_MS) this.#crashes = 0;
      this.#retry(howItEnded(code, signal));
    };
    if (hasEnded(child)) onExit(child.exitCode, child.signalCode);
    else child.once('exit', onExit);
  }

  #retry(how: string): void {
    const retryInMs = Math.min(BACK_OFF_MAX_MS, BACK_OFF_FIRST_MS * 2 ** this.#crashes);
    this.#crashes += 1;
    this.#supervised.onCrash({ how, retryInMs });
    this.#timer = setTimeout(() => void this.#startAgain(), retryInMs);
  }

  async #startAgain(): Promise<void> {
    if (this.#isStopping || this.#options === null) return;
    this.#child = this.#fork();
    try {
      const facts = await this.#startOnce(this.#options);
      if (this.#isStopping) return;
      this.#watch();
      this.#supervised.onBack(facts);
    } catch (error) {
      this.#child.kill('SIGKILL');
      if (!this.#isStopping) this.#retry(messageOf(error));
    }
  }
}

export type Running<Facts> = Readonly<{
  facts: Facts;
  stop: (graceMs: number) => Promise<void>;
  /** Where a successor serves the same port already; else a retirement is a stop. */
  retire?: (graceMs: number) => Promise<void>;
}>;

/** How long a child whose parent died without a word gets to end well. */
const ORPHAN_GRACE_MS = 5_000;

/**
 * The child's side: runs `start` when the options come, reports, and ends when told to or when the
 * parent is gone. Signals of the terminal are left to the parent, which knows the order.
 */
export function runChild<Options, Facts>(
  start: (options: Options, note: (text: string) => void) => Promise<Running<Facts>>,
): void {
  let starting: Promise<Running<Facts> | null> = Promise.resolve(null);
  let isEnding = false;
  const tell = (message: FromChild<Facts>): void => {
    if (process.connected) process.send?.(message);
  };
  const note = (text: string): void => tell({ kind: 'note', text });

  const begin = async (options: Options): Promise<Running<Facts> | null> => {
    try {
      const running = await start(options, note);
      tell({ kind: 'ready', facts: running.facts });
      return running;
    } catch (error) {
      tell({ kind: 'failed', code: codeOf(error) ?? 'process.failed', message: messageOf(error) });
      return null;
    }
  };

  const end = async (how: 'stop' | 'retire', graceMs: number): Promise<void> => {
    if (isEnding) return;
    isEnding = true;
    // Whatever hangs while it stops must not keep the process.
    setTimeout(() => process.exit(1), graceMs + STOP_MARGIN_MS).unref();
    const running = await starting;
    if (how === 'retire' && running?.retire !== undefined) await running.retire(graceMs);
    else await running?.stop(graceMs);
    process.exit(0);
  };

  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  outliveParent();
  process.on('disconnect', () => void end('stop', ORPHAN_GRACE_MS));
  process.on('message', (message: ToChild<Options>) => {
    if (message.kind === 'start') starting = begin(message.options);
    else void end(message.kind, message.graceMs);
  });
}

function send(child: ChildProcess, message: object): void {
  // A child that is gone already reports itself through its exit.
  if (child.connected) child.send(message, () => {});
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function howItEnded(code: number | null, signal: string | null): string {
  return signal === null ? `with exit code ${code}` : `by signal ${signal}`;
}

function failure(code: string, message: string): FlywheelError {
  return new FlywheelError(code, message, { status: 500 });
}
