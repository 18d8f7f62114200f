/**
 * A load generator on plain sockets, so that it stays far cheaper than what it measures: one request
 * after another on each connection, answers recognised by their length or their last chunk.
 * Arguments: url, scenario, key, requests. Prints one JSON line.
 */
import { connect, type Socket } from 'node:net';
import {
  CHUNKS,
  type Scenario,
  STREAM_CONCURRENCY,
  WHOLE_CONCURRENCY,
  requestBody,
} from './scenario.ts';

export type LoadResult = Readonly<{
  requests: number;
  /** Pieces in which answers arrived at us; a chunk that was joined with its neighbour counts once. */
  chunks: number;
  seconds: number;
  p50Ms: number;
  p99Ms: number;
  failures: number;
}>;

const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** Sends requests over one connection until told to stop; calls back with each latency. */
class Caller {
  readonly #socket: Socket;
  readonly #request: Buffer;
  readonly #onDone: (latencyMs: number, isOk: boolean) => boolean;
  #startedMs = 0;
  #received: Buffer[] = [];
  #expected = -1;
  #bytes = 0;
  #isOk = false;
  #isEnded = false;

  constructor(url: URL, request: Buffer, onDone: (latencyMs: number, isOk: boolean) => boolean) {
    this.#request = request;
    this.#onDone = onDone;
    this.#socket = connect(Number(url.port), url.hostname);
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (part) => this.#take(Buffer.from(part)));
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => {
      if (!this.#isEnded) this.#onDone(0, false);
    });
  }

  send(): void {
    this.#startedMs = performance.now();
    this.#expected = -1;
    this.#bytes = 0;
    this.#received = [];
    this.#socket.write(this.#request);
  }

  end(): void {
    this.#isEnded = true;
    this.#socket.destroy();
  }

  #take(part: Buffer): void {
    if (this.#expected === -1) {
      this.#received.push(part);
      const head = Buffer.concat(this.#received).toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      this.#isOk = head.startsWith('HTTP/1.1 200');
      const length = /content-length: (\d+)/i.exec(head);
      this.#expected = length === null ? Infinity : end + 4 + Number(length[1]);
      this.#bytes = head.length;
    } else this.#bytes += part.length;
    const isDone =
      this.#expected === Infinity
        ? part.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)
        : this.#bytes >= this.#expected;
    if (isDone && this.#onDone(performance.now() - this.#startedMs, this.#isOk)) this.send();
  }
}

async function load(url: URL, scenario: Scenario, key: string, total: number): Promise<LoadResult> {
  const body = requestBody(scenario);
  const request = Buffer.from(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: ${url.host}\r\nauthorization: Bearer ${key}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const concurrency = scenario === 'whole' ? WHOLE_CONCURRENCY : STREAM_CONCURRENCY;
  const latencies: number[] = [];
  let failures = 0;
  const startedMs = performance.now();
  let toSend = scenario === 'whole' ? total - concurrency : 0;
  let open = concurrency;
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const callers = Array.from({ length: concurrency }, () => {
    const caller = new Caller(url, request, (latencyMs, isOk) => {
      latencies.push(latencyMs);
      if (!isOk) failures += 1;
      const isAgain = isOk && toSend > 0;
      toSend -= 1;
      if (!isAgain) {
        open -= 1;
        if (open === 0) resolve();
      }
      return isAgain;
    });
    caller.send();
    return caller;
  });
  await ended;
  const seconds = (performance.now() - startedMs) / 1000;
  for (const caller of callers) caller.end();
  latencies.sort((a, b) => a - b);
  const at = (part: number): number => latencies[Math.floor(latencies.length * part)] ?? 0;
  const requests = latencies.length;
  const chunks = scenario === 'stream' ? requests * CHUNKS : 0;
  return { requests, chunks, seconds, p50Ms: at(0.5), p99Ms: at(0.99), failures };
}

const [, , target = '', wish = '', key = '', total = ''] = process.argv;
const scenario = wish === 'stream' ? 'stream' : 'whole';
const result = await load(new URL(target), scenario, key, Number(total));
process.stdout.write(`${JSON.stringify(result)}\n`);
