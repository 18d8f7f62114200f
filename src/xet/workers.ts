/**
 * Threads, started when the first job comes and let go of when the module stops. An idle thread keeps no
 * process alive. A thread that dies fails its jobs and is replaced by the next one.
 */
import { Worker } from 'node:worker_threads';
import { type XetErrorCode, failXet } from './errors.ts';
import type { Answer, Job } from './worker-jobs.ts';

/** Two, so that a large file leaves one for small ones; more would take the processors from engines. */
const THREADS = 2;

type Session<K extends Job['kind']> = Extract<Job, { kind: K }>;

export interface Workers {
  inspect(bytes: ArrayBuffer): Promise<Extract<Answer, { kind: 'inspected' }>>;
  open(): WorkerSession;
  stop(): Promise<void>;
}

/** Jobs that belong together; `forget` ends it. */
export interface WorkerSession {
  sum(bytes: ArrayBuffer): Promise<void>;
  sumEnd(): Promise<string>;
  cut(job: Pick<Session<'cut'>, 'bytes' | 'isLast'>): Promise<Extract<Answer, { kind: 'chunks' }>>;
  pack(
    job: Pick<Session<'pack'>, 'wanted' | 'isLast'>,
  ): Promise<Extract<Answer, { kind: 'packed' }>>;
  forget(): Promise<void>;
}

export function createWorkers(): Workers {
  const lanes = Array.from({ length: THREADS }, () => new Lane());
  let sessions = 0;
  const least = (): Lane => lanes.reduce((a, b) => (b.load < a.load ? b : a));
  return {
    inspect: async (bytes) => {
      const answer = await least().run({ kind: 'inspect', bytes }, [bytes]);
      if (answer.kind !== 'inspected') throw unexpected(answer);
      return answer;
    },
    open: () => openSession(least(), (sessions += 1)),
    stop: async () => {
      await Promise.all(lanes.map((lane) => lane.stop()));
    },
  };
}

function openSession(lane: Lane, session: number): WorkerSession {
  lane.sessions += 1;
  return {
    sum: async (bytes) => void (await lane.run({ kind: 'sum', session, bytes }, [bytes])),
    sumEnd: async () => {
      const answer = await lane.run({ kind: 'sum-end', session });
      if (answer.kind !== 'summed') throw unexpected(answer);
      return answer.sha256;
    },
    cut: async ({ bytes, isLast }) => {
      const answer = await lane.run({ kind: 'cut', session, bytes, isLast }, [bytes]);
      if (answer.kind !== 'chunks') throw unexpected(answer);
      return answer;
    },
    pack: async ({ wanted, isLast }) => {
      const answer = await lane.run({ kind: 'pack', session, wanted, isLast });
      if (answer.kind !== 'packed') throw unexpected(answer);
      return answer;
    },
    forget: async () => {
      lane.sessions -= 1;
      await lane.run({ kind: 'forget', session });
    },
  };
}

type Waiting = Readonly<{ resolve: (answer: Answer) => void; reject: (error: Error) => void }>;
type Reply = Readonly<{
  id: number;
  answer?: Answer;
  error?: { code: XetErrorCode | null; message: string };
}>;

/** One thread and the jobs that it has. */
class Lane {
  sessions = 0;
  #worker: Worker | null = null;
  #waiting = new Map<number, Waiting>();
  #lastId = 0;

  get load(): number {
    return this.#waiting.size + this.sessions;
  }

  run(job: Job, moved: readonly ArrayBuffer[] = []): Promise<Answer> {
    const worker = (this.#worker ??= this.#start());
    const id = (this.#lastId += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, job }, [...moved]);
    });
  }

  async stop(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    const fail = (error: Error): void => {
      if (this.#worker === worker) this.#worker = null;
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    };
    worker.on('message', (reply: Reply) => this.#settle(worker, reply));
    worker.on('error', fail);
    worker.on('exit', () => fail(failXet('xet.busy', 'A thread ended; try again.')));
    return worker;
  }

  #settle(worker: Worker, { id, answer, error }: Reply): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) worker.unref();
    if (answer !== undefined) return waiting?.resolve(answer);
    const code = error?.code ?? null;
    const message = error?.message ?? 'A thread gave no answer.';
    waiting?.reject(code === null ? new Error(message) : failXet(code, message));
  }
}

function unexpected({ kind }: Answer): Error {
  return new Error(`A thread answered ${kind}.`);
}
