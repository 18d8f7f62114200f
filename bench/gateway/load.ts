/**
 * A load generator on plain sockets, so that it stays far cheaper than what it measures. Answers are
 * recognised by their length or their last chunk; of streams it takes the time of each piece that arrives.
 * One argument: a `LoadRequest` as JSON. Prints one JSON line.
 */
import { connect, type Socket } from 'node:net';
import {
  CHUNKS,
  CHUNK_EVERY_MS,
  PACED_CONCURRENCY,
  type Scenario,
  WHOLE_CONCURRENCY,
  requestBody,
} from './scenario.ts';

export type LoadRequest = Readonly<{
  url: string;
  path: string;
  model: string;
  headers: Readonly<Record<string, string>>;
  scenario: Scenario;
}>;

export type LoadResult = Readonly<{
  requests: number;
  chunks: number;
  seconds: number;
  /** Of whole requests; of paced ones from the moment they were due. */
  p50Ms: number;
  p99Ms: number;
  /** Streams: from the request to its first event. */
  firstP50Ms: number;
  firstP99Ms: number;
  /** Streams: how far from the engine's beat chunks arrive. */
  jitterP50Ms: number;
  jitterP99Ms: number;
  failures: number;
}>;

const LAST_CHUNK = Buffer.from('0\r\n\r\n');
const EVENT = Buffer.from('data: ');
const TICK_MS = 2;

type OnPiece = (sinceMs: number, isFirst: boolean) => void;
type Done = (caller: Caller, isOk: boolean) => void;

/** One connection, one request at a time. */
class Caller {
  startedMs = 0;
  readonly #socket: Socket;
  readonly #request: Buffer;
  readonly #onDone: Done;
  readonly #onPiece: OnPiece | null;
  #received = '';
  #expected = -1;
  #bytes = 0;
  #isOk = false;
  #isEnded = false;
  #pieceAtMs = 0;

  constructor(url: URL, options: Readonly<{ request: Buffer; onDone: Done; onPiece?: OnPiece }>) {
    this.#request = options.request;
    this.#onDone = options.onDone;
    this.#onPiece = options.onPiece ?? null;
    this.#socket = connect(Number(url.port), url.hostname);
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (part) => this.#take(Buffer.from(part)));
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => {
      if (!this.#isEnded) this.#end(false);
    });
  }

  send(dueMs = performance.now()): void {
    this.startedMs = dueMs;
    this.#expected = -1;
    this.#bytes = 0;
    this.#received = '';
    this.#pieceAtMs = 0;
    this.#socket.write(this.#request);
  }

  end(): void {
    this.#isEnded = true;
    this.#socket.destroy();
  }

  #end(isOk: boolean): void {
    this.#onDone(this, isOk);
  }

  #take(part: Buffer): void {
    if (this.#onPiece !== null && part.includes(EVENT)) this.#piece(this.#onPiece);
    if (this.#expected === -1) {
      this.#received += part.toString('latin1');
      const end = this.#received.indexOf('\r\n\r\n');
      if (end === -1) return;
      this.#isOk = this.#received.startsWith('HTTP/1.1 200');
      const length = /content-length: (\d+)/i.exec(this.#received.slice(0, end));
      this.#expected = length === null ? Infinity : end + 4 + Number(length[1]);
      this.#bytes = this.#received.length;
    } else this.#bytes += part.length;
    const isDone =
      this.#expected === Infinity
        ? part.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)
        : this.#bytes >= this.#expected;
    if (isDone) this.#end(this.#isOk);
  }

  #piece(report: OnPiece): void {
    const nowMs = performance.now();
    const isFirst = this.#pieceAtMs === 0;
    report(nowMs - (isFirst ? this.startedMs : this.#pieceAtMs), isFirst);
    this.#pieceAtMs = nowMs;
  }
}

type Samples = {
  readonly latencies: number[];
  readonly firsts: number[];
  readonly jitters: number[];
  failures: number;
};

/** As fast as answers come. */
async function whole(
  url: URL,
  request: Buffer,
  scenario: Extract<Scenario, { kind: 'whole' }>,
  samples: Samples,
): Promise<void> {
  const untilMs = performance.now() + scenario.seconds * 1000;
  let sent = 0;
  let open = WHOLE_CONCURRENCY;
  const { promise, resolve } = Promise.withResolvers<void>();
  const onDone: Done = (caller, isOk) => {
    samples.latencies.push(performance.now() - caller.startedMs);
    if (!isOk) samples.failures += 1;
    if (isOk && performance.now() < untilMs && sent < scenario.requestsMax) {
      sent += 1;
      caller.send();
      return;
    }
    caller.end();
    open -= 1;
    if (open === 0) resolve();
  };
  for (let index = 0; index < WHOLE_CONCURRENCY; index += 1) {
    sent += 1;
    new Caller(url, { request, onDone }).send();
  }
  await promise;
}

/** At a beat of its own, whatever the answers do; a late one counts from when it was due. */
async function paced(
  url: URL,
  request: Buffer,
  scenario: Extract<Scenario, { kind: 'paced' }>,
  samples: Samples,
): Promise<void> {
  const { perSecond, seconds } = scenario;
  const total = Math.floor(perSecond * seconds);
  const idle: Caller[] = [];
  let answered = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const onDone: Done = (caller, isOk) => {
    samples.latencies.push(performance.now() - caller.startedMs);
    if (isOk) idle.push(caller);
    else samples.failures += 1;
    answered += 1;
    if (answered >= total) resolve();
  };
  const callers = Array.from(
    { length: PACED_CONCURRENCY },
    () => new Caller(url, { request, onDone }),
  );
  idle.push(...callers);
  const startedMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    while (sent < total && startedMs + (sent * 1000) / perSecond <= nowMs) {
      const caller = idle.pop();
      if (caller === undefined) return;
      caller.send(startedMs + (sent * 1000) / perSecond);
      sent += 1;
    }
  }, TICK_MS);
  await promise;
  clearInterval(timer);
  for (const caller of callers) caller.end();
}

/** All open at the same time, begun over the time of one beat, so that chunks spread over it as well. */
async function streams(
  url: URL,
  request: Buffer,
  scenario: Extract<Scenario, { kind: 'stream' }>,
  samples: Samples,
): Promise<void> {
  let open = scenario.streams;
  const { promise, resolve } = Promise.withResolvers<void>();
  const onDone: Done = (caller, isOk) => {
    samples.latencies.push(performance.now() - caller.startedMs);
    if (!isOk) samples.failures += 1;
    caller.end();
    open -= 1;
    if (open === 0) resolve();
  };
  const onPiece: OnPiece = (sinceMs, isFirst) => {
    if (isFirst) samples.firsts.push(sinceMs);
    else samples.jitters.push(Math.abs(sinceMs - CHUNK_EVERY_MS));
  };
  const startedMs = performance.now();
  let begun = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - startedMs) / CHUNK_EVERY_MS / 2) * scenario.streams;
    while (begun < scenario.streams && begun < due) {
      new Caller(url, { request, onDone, onPiece }).send();
      begun += 1;
    }
    if (begun === scenario.streams) clearInterval(timer);
  }, TICK_MS);
  await promise;
}

async function load({
  url: address,
  path,
  model,
  headers,
  scenario,
}: LoadRequest): Promise<LoadResult> {
  const url = new URL(address);
  const body = requestBody(scenario.kind === 'stream', model);
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: ${url.host}\r\n${fields.join('')}` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const samples: Samples = { latencies: [], firsts: [], jitters: [], failures: 0 };
  const startedMs = performance.now();
  if (scenario.kind === 'whole') await whole(url, request, scenario, samples);
  else if (scenario.kind === 'paced') await paced(url, request, scenario, samples);
  else await streams(url, request, scenario, samples);
  const seconds = (performance.now() - startedMs) / 1000;
  const { latencies, firsts, jitters, failures } = samples;
  const requests = latencies.length;
  return {
    requests,
    chunks: scenario.kind === 'stream' ? requests * CHUNKS : 0,
    seconds,
    p50Ms: at(latencies, 0.5),
    p99Ms: at(latencies, 0.99),
    firstP50Ms: at(firsts, 0.5),
    firstP99Ms: at(firsts, 0.99),
    jitterP50Ms: at(jitters, 0.5),
    jitterP99Ms: at(jitters, 0.99),
    failures,
  };
}

function at(values: number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * part)] ?? 0;
}

const asked: LoadRequest = JSON.parse(process.argv[2] ?? '');
process.stdout.write(`${JSON.stringify(await load(asked))}\n`);
process.exit(0);
