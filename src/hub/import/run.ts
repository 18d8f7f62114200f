/**
 * One import from its source to a published revision: list the files, bring each into a stage, check
 * its checksum, publish. What it stages stays after a failure; the caller decides whether the next
 * process goes on with it or it is thrown away.
 */
import { createHash } from 'node:crypto';
import type { ObjectStore, Stage } from '#platform/objects.ts';
import { failImport } from '../errors.ts';
import type { ImportRow } from '../import-store.ts';
import type { StagedFile } from '../publish.ts';
import { isWeightsPath } from '../weights-choice.ts';
import { download } from './download.ts';
import type { SourceClient } from './http.ts';
import { listLocal, openLocal, readPieces } from './local.ts';
import { type ImportLimits, type PlannedFile, requireWithin, selectFiles } from './plan.ts';
import { listHuggingFace, listModelScope } from './repository.ts';
import { parseSource } from './source.ts';
import type { Tracker } from './tracker.ts';

export type RunOptions = Readonly<{
  objects: ObjectStore;
  client: SourceClient;
  limits: ImportLimits;
  retryDelayMs: (failures: number) => number;
  /** Lives in memory only; an import taken up by another process has none. */
  token: string | null;
  signal: AbortSignal;
  tracker: Tracker;
  savePlan: (plan: readonly PlannedFile[]) => Promise<void>;
}>;

/** Stages are named after the import, so that they can be found again and thrown away. */
export function stageName(importId: string, path: string): string {
  return `${importId}-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`;
}

/** Brings all files of the import here, checked. */
export async function fetchImport(
  row: ImportRow,
  options: RunOptions,
): Promise<readonly StagedFile[]> {
  options.tracker.stage('reading');
  const plan = [...(row.plan ?? (await makePlan(row, options)))];
  requireWithin(plan, options.limits);
  const staged: StagedFile[] = [];
  let doneBytes = 0;
  for (const [index, file] of plan.entries()) {
    options.tracker.total(totalOf(plan));
    const stage = await options.objects.stage(stageName(row.id, file.path), file.sizeBytes ?? 0);
    const fetched = await fetchFile(file, stage, {
      ...options,
      isOperator: row.request.isOperator,
      bytesMax: options.limits.totalBytesMax - doneBytes,
      onProgress: (sizeBytes) => options.tracker.received(doneBytes + sizeBytes),
      onFacts: async (facts) => {
        if (JSON.stringify(plan[index]) === JSON.stringify(facts)) return;
        plan[index] = facts;
        options.tracker.total(totalOf(plan));
        await options.savePlan(plan);
      },
    });
    const who = fetched.sha256 === row.request.sha256 ? 'the request' : 'the source';
    requireChecksum(fetched, stage.sha256(), who);
    doneBytes += stage.sizeBytes;
    staged.push(stagedFile(fetched.path, stage));
  }
  requireAskedChecksum(row, staged);
  return staged;
}

export function stagedFile(path: string, stage: Stage): StagedFile {
  return {
    path,
    stage,
    sizeBytes: stage.sizeBytes,
    sha256: stage.sha256(),
    read: (offset, length) => stage.read(offset, length),
  };
}

async function makePlan(row: ImportRow, options: RunOptions): Promise<readonly PlannedFile[]> {
  const plan = await listSource(row, options);
  await options.savePlan(plan);
  return plan;
}

async function listSource(
  { source: text, request }: ImportRow,
  { client, token, signal }: RunOptions,
): Promise<readonly PlannedFile[]> {
  const source = parseSource(text);
  const asking = { client, token, signal, isOperator: request.isOperator };
  switch (source.kind) {
    case 'local':
      requireOperator(request.isOperator);
      return selectFiles(await listLocal(source.path), source.file);
    case 'direct':
      return [
        {
          path: source.path,
          from: source.url,
          sizeBytes: null,
          sha256: request.sha256,
          validator: null,
        },
      ];
    case 'huggingface':
      return selectFiles(await listHuggingFace(asking, source), source.file);
    case 'modelscope':
      return selectFiles(await listModelScope(asking, source), source.file);
    default:
      return source satisfies never;
  }
}

/** Raises `import.local_denied`. */
export function requireOperator(isOperator: boolean): void {
  if (isOperator) return;
  throw failImport(
    'import.local_denied',
    'Only the operator imports files from the machine itself. Give an http(s) URL.',
    { param: 'source' },
  );
}

type FetchOptions = RunOptions & Omit<Parameters<typeof download>[2], keyof RunOptions>;

async function fetchFile(
  file: PlannedFile,
  stage: Stage,
  options: FetchOptions,
): Promise<PlannedFile> {
  if (/^https?:/.test(file.from)) {
    options.tracker.stage('downloading');
    return download(file, stage, options);
  }
  requireOperator(options.isOperator);
  await stage.reset();
  const source = await openLocal(file.from);
  try {
    await stage.append(readPieces(source), options);
  } finally {
    await source.close();
  }
  return file;
}

function totalOf(plan: readonly PlannedFile[]): number | null {
  let total = 0;
  for (const { sizeBytes } of plan) {
    if (sizeBytes === null) return null;
    total += sizeBytes;
  }
  return total;
}

function requireChecksum(
  file: Pick<PlannedFile, 'path' | 'sha256'>,
  sha256: string,
  who: string,
): void {
  if (file.sha256 === null || file.sha256 === sha256) return;
  throw failImport(
    'import.checksum_mismatch',
    `${file.path} has the SHA-256 ${sha256}, and ${who} says ${file.sha256}.`,
  );
}

/** The caller's checksum is of the one file that is the model. */
function requireAskedChecksum(row: ImportRow, files: readonly StagedFile[]): void {
  const wanted = row.request.sha256;
  if (wanted === null) return;
  const weights = files.filter((file) => isWeightsPath(file.path));
  const [only] = weights;
  if (only === undefined || weights.length > 1) {
    throw failImport(
      'import.checksum_mismatch',
      `A SHA-256 names one file, and this model has ${weights.length}.`,
      { param: 'sha256' },
    );
  }
  requireChecksum({ path: only.path, sha256: wanted }, only.sha256, 'the request');
}
