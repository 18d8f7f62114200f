/**
 * The client of an S3 store, with patience: what the store answers with "later", and what the network
 * breaks, breaks, is asked again with growing waits. Every request carries its whole body, so that asking twice
 * is safe; every answer is read to its end before it counts, but for an object's bytes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client, S3Errors } from '@bradenmacdonald/s3-lite-client';
import { codeOf } from '../error.ts';

/** With doubled waits these are three seconds of a store that is out of breath. */
const ATTEMPTS = 5;
const RETRY_DELAY_MS = 200;

/** Insufficient storage. */
export const STORAGE_FULL = 507;
/** `fetch` waits five minutes for a head and for each piece; nobody wants to wait that long again. */
const SILENCES = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

type Request = Parameters<S3Client['makeRequest']>[0];

export class PatientClient extends S3Client {
  readonly #retryDelayMs: number;

  constructor(options: ConstructorParameters<typeof S3Client>[0], retryDelayMs = RETRY_DELAY_MS) {
    super(options);
    this.#retryDelayMs = retryDelayMs;
  }

  /** Bytes `[start, end)` of the object; the store must say that it is these that it sends. */
  async getRange(objectName: string, start: number, end: number): Promise<Response> {
    const headers = new Headers({ range: `bytes=${start}-${end - 1}` });
    const request = { method: 'GET', objectName, headers, returnBody: true };
    const response = await this.makeRequest({ ...request, statusCode: 206 }).catch((error) => {
      // Some stores send the right range, and its header, under "200 OK".
      if (statusOf(error) !== 200) throw error;
      return this.makeRequest({ ...request, statusCode: 200 });
    });
    if (response.headers.get('content-range')?.startsWith(`bytes ${start}-${end - 1}/`)) {
      return response;
    }
    await response.body?.cancel();
    throw new TypeError('the store sends another range than the one asked for');
  }

  override async makeRequest(request: Request): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const response = await super.makeRequest({
          ...request,
          headers: new Headers(request.headers),
        });
        const isObject = request.method === 'GET' && request.objectName !== '';
        if (request.returnBody !== true || isObject) return response;
        return new Response(await response.arrayBuffer(), response);
      } catch (error) {
        if (attempt === ATTEMPTS || !isPassing(error)) throw error;
        await sleep(this.#retryDelayMs * 2 ** (attempt - 1));
      }
    }
  }
}

/** Whether the same request may get another answer soon: the store is busy, or the line broke. */
export function isPassing(error: unknown): boolean {
  const status = statusOf(error);
  if (status !== null) return status === 429 || (status >= 500 && status !== STORAGE_FULL);
  return error instanceof TypeError && !SILENCES.has(codeOf(error.cause) ?? '');
}

/** What the store answered; null when there was no answer. */
export function statusOf(error: unknown): number | null {
  return error instanceof S3Errors.ServerError ? error.statusCode : null;
}
