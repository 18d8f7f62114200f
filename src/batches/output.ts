/** Writes a batch's results as JSONL into its files; writing them twice writes the same. */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import type { ObjectStore } from '#platform/objects.ts';
import { type Claimed, endBatch, lockClaim, renewClaim } from './batch-store.ts';
import { type StoredBatch, lineRequestId } from './batch.ts';
import { OUTPUT_EXPIRY_SECONDS, type StoredFile, objectKeyOf } from './file.ts';
import { insertFile } from './file-store.ts';
import { forgetAnswers, selectEnded } from './line-store.ts';
import { type Unanswered, outputLine } from './line.ts';

/** Answers in memory at a time. */
const PAGE_LINES = 50;
/** A claim is renewed after as many pages: some hundred milliseconds of reading. */
const CLAIM_MS = 15_000;

const UNANSWERED: Readonly<Record<string, Unanswered>> = {
  expired: { code: 'batch_expired', message: 'The window ended before this line was called.' },
  cancelled: {
    code: 'batch_cancelled',
    message: 'The batch was cancelled before this line was called.',
  },
};
const NEVER: Unanswered = { code: 'internal', message: 'The line was never called.' };

export type OutputDeps = Readonly<{ database: Database; objects: ObjectStore; clock: Clock }>;

/** False when another control has the batch. */
export async function writeOutput(
  deps: OutputDeps,
  batch: StoredBatch,
  claim: Claimed,
): Promise<boolean> {
  const { database, clock } = deps;
  const written: StoredFile[] = [];
  for (const isOutput of [true, false]) {
    const id = isOutput ? batch.outputFileId : batch.errorFileId;
    if (id === null) continue;
    const until = new Date(clock.nowMs() + CLAIM_MS);
    if ((await renewClaim(database, claim, until)) === null) return false;
    written.push(await writeFile(deps, { batch, claim, id, isOutput }));
  }
  return transaction(database, async (tx) => {
    if (!(await lockClaim(tx, claim))) return false;
    for (const file of written)
      await insertFile(tx, { ...file, state: 'ready', keyId: batch.keyId });
    await forgetAnswers(tx, claim);
    await endBatch(tx, claim, new Date(clock.nowMs()));
    return true;
  });
}

type Plan = Readonly<{ batch: StoredBatch; claim: Claimed; id: string; isOutput: boolean }>;

async function writeFile(deps: OutputDeps, plan: Plan): Promise<StoredFile> {
  const { batch, claim, id, isOutput } = plan;
  const key = objectKeyOf({ id });
  // Two controls that think they have the batch must not append to one stage.
  const stage = await deps.objects.stage(`${key}-${claim.claim}`);
  try {
    await stage.reset();
    await stage.append(lines(deps, plan));
    const { sizeBytes } = stage;
    await stage.commit(key);
    const seconds = batch.outputExpiresAfterSeconds ?? OUTPUT_EXPIRY_SECONDS;
    const nowMs = deps.clock.nowMs();
    return {
      id,
      tenantId: batch.tenantId,
      projectId: batch.projectId,
      purpose: 'batch_output',
      name: `${batch.id}_${isOutput ? 'output' : 'errors'}.jsonl`,
      sizeBytes,
      createdAt: new Date(nowMs),
      expiresAt: new Date(nowMs + seconds * 1000),
    };
  } catch (error) {
    await stage.discard();
    throw error;
  }
}

async function* lines(
  { database, clock }: OutputDeps,
  { batch, claim, isOutput }: Plan,
): AsyncGenerator<Uint8Array> {
  const unanswered = UNANSWERED[batch.endsAs ?? ''] ?? NEVER;
  let after = 0;
  for (;;) {
    const page = await selectEnded(database, claim, { isOutput, after, limit: PAGE_LINES });
    const last = page.at(-1);
    if (last === undefined) return;
    await renewClaim(database, claim, new Date(clock.nowMs() + CLAIM_MS));
    after = last.line;
    const text = page
      .map((line) =>
        outputLine({ ...line, requestId: lineRequestId(batch.id, line.line) }, unanswered),
      )
      .join('');
    yield Buffer.from(text);
  }
}
