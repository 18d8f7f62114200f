/**
 * Brings the journal to control: reads it piece by piece, sends the settled records of each piece, and
 * forgets a piece only when control says that it is committed. Sending twice is harmless, so a restart
 * simply begins at the oldest segment there is. While control is away, or refuses, pieces wait on disk
 * and are tried again with back-off and jitter; nothing else in the gateway waits for that.
 */
import { Agent, request } from 'undici';
import type { Log } from '#platform/log.ts';
import type { Journal, Piece } from './journal.ts';

/** Journal bytes per shipment: some 300 calls, a few milliseconds of control's time. */
const SHIP_BYTES_MAX = 256 * 1024;

/** How long new records wait for company: a call is on its bill well within 200 ms. */
const GATHER_MS = 40;

const TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 5_000;
const RETRY_MIN_MS = 100;
/** Control restarts in seconds; asking every few costs nothing. */
const RETRY_MAX_MS = 5_000;

export type ShipperOptions = Readonly<{
  journal: Journal;
  controlUrl: string;
  joinToken: string;
  log: Log;
  /** Spreads the retries of many gateways; at least 0 and below 1. */
  random?: () => number;
}>;

export type Shipper = Readonly<{
  /** True once control has everything, false when it has not after `graceMs`. */
  drain: (graceMs: number) => Promise<boolean>;
  /** What is not acknowledged stays on disk for the next start. */
  stop: () => Promise<void>;
}>;

/** Starts shipping at once. */
export function createShipper(options: ShipperOptions): Shipper {
  const shipping = new Shipping(options);
  const ended = shipping.run();
  return {
    drain: (graceMs) => shipping.drain(graceMs),
    stop: async () => {
      shipping.stop();
      await ended;
    },
  };
}

class Shipping {
  readonly #options: ShipperOptions;
  readonly #agent = new Agent({ connections: 1, connect: { timeout: CONNECT_TIMEOUT_MS } });
  #isStopped = false;
  /** Ends the pause or the request under way. */
  #interrupt: () => void = () => {};
  /** Resolves when the journal has more than the last read saw. */
  #news = Promise.withResolvers<void>();
  #drained: (() => void)[] = [];
  #retryMs = RETRY_MIN_MS;

  constructor(options: ShipperOptions) {
    this.#options = options;
    options.journal.onDurable(() => this.#news.resolve());
  }

  async run(): Promise<void> {
    const { journal, log } = this.#options;
    let position = journal.start();
    while (!this.#isStopped) {
      try {
        this.#news = Promise.withResolvers();
        const piece = await journal.read(position, SHIP_BYTES_MAX);
        if (piece === null) {
          await this.#untilNews();
          continue;
        }
        if (piece.settled.length > 0) await this.#send(piece);
        position = piece.to;
        await journal.acknowledge(position);
        this.#succeeded();
      } catch (error) {
        if (this.#isStopped) break;
        if (this.#retryMs === RETRY_MIN_MS) log.warn('usage.shipping_delayed', { error });
        await this.#sleep(this.#retryMs * (0.5 + (this.#options.random ?? Math.random)()));
        this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS);
      }
    }
    await this.#agent.destroy();
  }

  async drain(graceMs: number): Promise<boolean> {
    const { journal } = this.#options;
    if (journal.unshippedBytes() === 0) return true;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#drained.push(resolve);
    const timer = setTimeout(resolve, graceMs);
    await promise;
    clearTimeout(timer);
    return journal.unshippedBytes() === 0;
  }

  stop(): void {
    this.#isStopped = true;
    this.#interrupt();
    this.#news.resolve();
    for (const resolve of this.#drained) resolve();
  }

  async #untilNews(): Promise<void> {
    await this.#news.promise;
    await this.#sleep(GATHER_MS);
  }

  async #sleep(ms: number): Promise<void> {
    if (this.#isStopped) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#interrupt = resolve;
    await promise;
    clearTimeout(timer);
  }

  /** Resolves only on control's word that the records are committed. */
  async #send(piece: Piece): Promise<void> {
    const { controlUrl, joinToken, journal } = this.#options;
    const stopping = new AbortController();
    this.#interrupt = () => stopping.abort();
    const response = await request(`${controlUrl}/internal/v1/usage`, {
      method: 'POST',
      dispatcher: this.#agent,
      headers: { authorization: `Bearer ${joinToken}`, 'content-type': 'application/json' },
      body: shipmentBody(journal.gatewayId, piece),
      signal: stopping.signal,
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    await response.body.dump();
    if (response.statusCode === 200) return;
    throw new Error(`control answered ${response.statusCode} to a shipment`);
  }

  #succeeded(): void {
    const { journal, log } = this.#options;
    if (this.#retryMs > RETRY_MIN_MS) {
      log.info('usage.shipping_again', { unshippedBytes: journal.unshippedBytes() });
    }
    this.#retryMs = RETRY_MIN_MS;
    if (journal.unshippedBytes() > 0) return;
    for (const resolve of this.#drained) resolve();
    this.#drained = [];
  }
}

/** The records are JSON already and go out as they lie on disk, without being parsed. */
function shipmentBody(gatewayId: string, piece: Piece): Buffer {
  const { from, to, settled } = piece;
  const head = JSON.stringify({
    gatewayId,
    segment: to.segment,
    fromOffset: from.offset,
    toOffset: to.offset,
  });
  const parts: Buffer[] = [Buffer.from(`${head.slice(0, -1)},"settled":[`)];
  for (const [index, payload] of settled.entries()) {
    if (index > 0) parts.push(COMMA);
    parts.push(payload);
  }
  parts.push(Buffer.from(']}'));
  return Buffer.concat(parts);
}

const COMMA = Buffer.from(',');
