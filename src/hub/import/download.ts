/**
 * Brings one file over HTTP into a stage. A broken connection goes on where it ended, but only with
 * the source's word that the file is still the same (If-Range), or a checksum that will tell;
 * otherwise it starts again. Bounded in attempts, silence and size.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { FlywheelError } from '#platform/error.ts';
import type { Stage } from '#platform/objects.ts';
import { failImport } from '../errors.ts';
import { type SourceClient, type SourceResponse, asSourceError, refuse } from './http.ts';
import type { PlannedFile } from './plan.ts';

export type DownloadOptions = Readonly<{
  client: SourceClient;
  token: string | null;
  isOperator: boolean;
  signal: AbortSignal;
  bytesMax: number;
  /** The wait after so many failures in a row. */
  retryDelayMs: (failures: number) => number;
  onProgress: (sizeBytes: number) => void;
  /** What the source said of the file, to be kept for a later process. */
  onFacts: (file: PlannedFile) => Promise<void>;
}>;

/** Failures in a row without one new byte; with back-off these are two minutes. */
const FAILURES_MAX = 8;
/** With progress in between, however little; a source this bad will not end well. */
const ATTEMPTS_MAX = 500;
const RETRY_AFTER_MAX_MS = 60_000;
/** Half a second, doubled each time, up to half a minute. */
export const backOffMs = (failures: number): number => Math.min(250 * 2 ** failures, 30_000);

/** Fills the stage. Returns the file with what the source said of it. */
export async function download(
  file: PlannedFile,
  stage: Stage,
  options: DownloadOptions,
): Promise<PlannedFile> {
  let known = file;
  let failures = 0;
  for (let attempt = 1; ; attempt += 1) {
    const before = stage.sizeBytes;
    try {
      return await fetchOnce(known, stage, {
        ...options,
        onFacts: (facts) => {
          known = facts;
          return options.onFacts(facts);
        },
      });
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof FlywheelError) || !error.retryable) throw error;
      failures = stage.sizeBytes > before ? 1 : failures + 1;
      if (failures >= FAILURES_MAX || attempt >= ATTEMPTS_MAX) throw error;
      const waitMs = Math.max(options.retryDelayMs(failures), error.retryAfterMs ?? 0);
      await delay(Math.min(waitMs, RETRY_AFTER_MAX_MS), undefined, { signal: options.signal });
    }
  }
}

async function fetchOnce(
  file: PlannedFile,
  stage: Stage,
  options: DownloadOptions,
): Promise<PlannedFile> {
  const isTrusted = file.validator !== null || file.sha256 !== null;
  if (stage.sizeBytes > 0 && !isTrusted) await stage.reset();
  if (stage.sizeBytes > 0 && stage.sizeBytes === file.sizeBytes) return file;
  const response = await options.client.get({
    url: file.from,
    headers: rangeHeaders(file, stage.sizeBytes),
    token: options.token,
    isOperator: options.isOperator,
    signal: options.signal,
  });
  const facts = { ...file, ...factsOf(response, file) };
  if (response.status === 416) return finishedOrAgain(response, stage, facts);
  if (response.status !== 200 && response.status !== 206) throw await refuse(response, file.from);
  if (response.status === 200) await stage.reset();
  if (response.status === 206) await requireContinues(response, stage);
  requireFits(facts, options.bytesMax);
  await options.onFacts(facts);
  await append(response, stage, { ...options, host: new URL(file.from).host });
  await requireComplete(facts, stage);
  return facts;
}

function rangeHeaders(file: PlannedFile, sizeBytes: number): Record<string, string> {
  if (sizeBytes === 0) return {};
  const range = { range: `bytes=${sizeBytes}-` };
  return file.validator === null ? range : { ...range, 'if-range': file.validator };
}

type Facts = Pick<PlannedFile, 'sizeBytes' | 'sha256' | 'validator'>;

function factsOf({ status, headers, hops }: SourceResponse, file: PlannedFile): Facts {
  const etag = headers['etag'];
  const isStrong = etag !== undefined && etag.startsWith('"');
  const length = status === 200 ? headers['content-length'] : undefined;
  const total = /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1] ?? length;
  return {
    validator: isStrong ? etag : (headers['last-modified'] ?? null),
    sha256: file.sha256 ?? checksumOf(hops),
    sizeBytes: total === undefined ? file.sizeBytes : Number(total),
  };
}

/** Hugging Face names large files by their SHA-256; `X-Repo-Commit` says that it is such a hub. */
function checksumOf(hops: SourceResponse['hops']): string | null {
  const linked = hops.find((headers) => headers['x-linked-etag'] !== undefined);
  const named = linked ?? hops.find((headers) => headers['x-repo-commit'] !== undefined);
  const etag = (named?.['x-linked-etag'] ?? named?.['etag'] ?? '').replace(/^W\/|"/g, '');
  return /^[0-9a-f]{64}$/.test(etag) ? etag : null;
}

/** 416 to a resumed range: the stage has all of it, or bytes of something else. */
async function finishedOrAgain(
  response: SourceResponse,
  stage: Stage,
  facts: PlannedFile,
): Promise<PlannedFile> {
  await response.body.dump();
  if (stage.sizeBytes > 0 && facts.sizeBytes === stage.sizeBytes) return facts;
  await stage.reset();
  throw failImport('import.source_changed', `${facts.path} changed while it was read.`);
}

async function requireContinues(response: SourceResponse, stage: Stage): Promise<void> {
  const start = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1];
  if (Number(start) === stage.sizeBytes) return;
  response.body.on('error', () => {}).destroy();
  await stage.reset();
  throw failImport('import.source_failed', 'The source answered with another part than asked for.');
}

function requireFits(file: PlannedFile, bytesMax: number): void {
  if ((file.sizeBytes ?? 0) <= bytesMax) return;
  throw failImport('import.too_large', `${file.path} has ${file.sizeBytes} bytes: too many.`);
}

async function append(
  response: SourceResponse,
  stage: Stage,
  options: DownloadOptions & Readonly<{ host: string }>,
): Promise<void> {
  const abort = new AbortController();
  const onProgress = (sizeBytes: number): void => {
    // A source that does not say its size must not fill the disk.
    if (sizeBytes > options.bytesMax) abort.abort();
    options.onProgress(sizeBytes);
  };
  try {
    const signal = AbortSignal.any([abort.signal, options.signal]);
    await stage.append(response.body, { signal, onProgress });
  } catch (error) {
    options.signal.throwIfAborted();
    if (abort.signal.aborted) {
      throw failImport('import.too_large', `The file has more than ${options.bytesMax} bytes.`);
    }
    throw asSourceError(error, options.host);
  }
}

async function requireComplete(file: PlannedFile, stage: Stage): Promise<void> {
  const { sizeBytes } = stage;
  if (file.sizeBytes === null || sizeBytes === file.sizeBytes) return;
  if (sizeBytes > file.sizeBytes) await stage.reset();
  throw failImport(
    'import.source_failed',
    `${file.path} ended after ${sizeBytes} of ${file.sizeBytes} bytes.`,
  );
}
