/**
 * Price changes as drafts. A draft holds prices of any number of models and is published as one or not at all.
 * Where the operator asks for it, a second member approves: nobody who wrote some of a draft may, and an edit
 * takes the approval away, because what was approved is one revision of the text. Whoever does what is kept.
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, isUniqueViolation, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { Log } from '#platform/log.ts';
import type { Actor, ActorDirectory } from './actors.ts';
import { priceDraftCreateSchema } from './api.ts';
import type { PriceDraft, PriceDraftCreate, PriceDraftItem } from './api.ts';
import {
  type DraftRow,
  type DraftState,
  type ItemRow,
  insertDraft,
  lockDraft,
  lockRequiresApproval,
  replaceItems,
  selectDraft,
  selectDrafts,
  selectItems,
  updateApproval,
  updateDraft,
  updateState,
} from './draft-store.ts';
import { showDrafts } from './draft-view.ts';
import { fail } from './errors.ts';
import { record } from './oversight.ts';
import type { ModelDirectory, Viewer } from './pricing.ts';
import { canonicalTerms, toVersionTerms } from './terms.ts';
import { insertVersion, newVersion } from './versions.ts';

type Wanted = Readonly<{ id: string; revision: number }>;

export type Drafts = Readonly<{
  /** Raises `price.model_unknown`, `price.overlaps` and what the terms are refused with. */
  create: (actor: Actor, draft: PriceDraftCreate) => Promise<PriceDraft>;
  /** Replaces it. Raises `price.draft_unknown`, `price.draft_closed`, `price.draft_changed` too. */
  update: (actor: Actor, wanted: Wanted, draft: PriceDraftCreate) => Promise<PriceDraft>;
  get: (tenantId: string, id: string) => Promise<PriceDraft>;
  /** The last made first. */
  list: (
    tenantId: string,
    query: Readonly<{ state: DraftState | null; beforeId: string | null; limit: number }>,
  ) => Promise<readonly PriceDraft[]>;
  /** Raises `price.approver_unknown`, `price.approver_wrote_it`, `price.author_unknown`. */
  approve: (actor: Actor, wanted: Wanted) => Promise<PriceDraft>;
  /** All of its prices or none. Raises `price.approval_required`, `price.in_past`, `price.exists`. */
  publish: (actor: Actor, wanted: Wanted) => Promise<PriceDraft>;
  discard: (actor: Actor, id: string) => Promise<void>;
}>;

export type DraftParts = Readonly<{
  database: Database;
  models: ModelDirectory;
  actors: ActorDirectory;
  clock: Clock;
  log: Log;
}>;

export function createDrafts(parts: DraftParts): Drafts {
  const { database, clock } = parts;
  const show = async (tenantId: string, id: string): Promise<PriceDraft> => {
    const row = await selectDraft(database, id);
    if (row === null) throw unknownDraft(id);
    const [shown] = await showDrafts(parts, tenantId, [row]);
    if (shown === undefined) throw unknownDraft(id);
    return shown;
  };
  /** Runs `work` on an open draft that is still what the caller looked at. */
  const change = async (
    actor: Actor,
    wanted: Readonly<{ id: string; revision: number | null }>,
    work: (tx: Database, draft: DraftRow) => Promise<void>,
  ): Promise<PriceDraft> => {
    await transaction(database, async (tx) => {
      const draft = await lockDraft(tx, wanted.id);
      if (draft === null) throw unknownDraft(wanted.id);
      requireOpen(draft, wanted.revision);
      await work(tx, draft);
    });
    return show(actor.tenantId, wanted.id);
  };
  return {
    create: async (actor, draft) => {
      const { title, items } = priceDraftCreateSchema.parse(draft);
      const rows = await toRows(parts, actor, items);
      const nowMs = clock.nowMs();
      const id = createId('pdr', nowMs);
      await transaction(database, async (tx) => {
        await insertDraft(tx, { id, title, createdBy: actor.id, nowMs });
        await writeItems(tx, id, rows);
        await record(tx, { nowMs, actor, action: 'draft.created', draftId: id, detail: { title } });
      });
      return show(actor.tenantId, id);
    },
    update: async (actor, wanted, draft) => {
      const { title, items } = priceDraftCreateSchema.parse(draft);
      const rows = await toRows(parts, actor, items);
      const nowMs = clock.nowMs();
      return change(actor, wanted, async (tx, { id, revision }) => {
        await updateDraft(tx, { id, title, editor: actor.id, nowMs });
        await writeItems(tx, id, rows);
        const detail = { revision: revision + 1, prices: rows.length };
        await record(tx, { nowMs, actor, action: 'draft.edited', draftId: id, detail });
      });
    },
    get: show,
    list: async (tenantId, query) =>
      showDrafts(parts, tenantId, await selectDrafts(database, query)),
    approve: (actor, wanted) =>
      change(actor, wanted, async (tx, draft) => {
        requireApprover(actor, draft);
        const { id, revision } = draft;
        const nowMs = clock.nowMs();
        await updateApproval(tx, { id, revision, approvedBy: actor.id, nowMs });
        const detail = { revision };
        await record(tx, { nowMs, actor, action: 'draft.approved', draftId: id, detail });
      }),
    publish: (actor, wanted) =>
      change(actor, wanted, (tx, draft) => publish(tx, parts, actor, draft)),
    discard: async (actor, id) => {
      await change(actor, { id, revision: null }, async (tx) => {
        const nowMs = clock.nowMs();
        await updateState(tx, { id, state: 'discarded', nowMs });
        await record(tx, { nowMs, actor, action: 'draft.discarded', draftId: id, detail: {} });
      });
    },
  };
}

async function publish(
  tx: Database,
  { clock, log }: DraftParts,
  actor: Actor,
  draft: DraftRow,
): Promise<void> {
  const { id, revision } = draft;
  if ((await lockRequiresApproval(tx)) && draft.approvedRevision !== revision) {
    throw fail('price.approval_required', 'A second member approves this draft first.');
  }
  const items = (await selectItems(tx, [id])).get(id) ?? [];
  if (items.length === 0) throw fail('price.draft_empty', 'This draft has no prices.');
  const nowMs = clock.nowMs();
  for (const { modelId, currency, effectiveFrom, terms } of items) {
    const effectiveFromMs = effectiveFrom?.getTime() ?? null;
    const version = { modelId, currency, effectiveFromMs, terms: toVersionTerms(terms), nowMs };
    await insertVersion(tx, { ...newVersion(version), createdBy: actor.id });
  }
  await updateState(tx, { id, state: 'published', nowMs });
  const detail = { revision, prices: items.length };
  await record(tx, { nowMs, actor, action: 'draft.published', draftId: id, detail });
  log.info('prices.published', { draftId: id, prices: items.length });
}

/** Of the models that the viewer may price. Raises what one of them is refused with. */
async function toRows(
  { models }: DraftParts,
  actor: Actor,
  items: readonly PriceDraftItem[],
): Promise<readonly ItemRow[]> {
  const viewer: Viewer = { tenantId: actor.tenantId, isOperator: true };
  const byName = new Map((await models.list(viewer)).map(({ id, name }) => [name, id]));
  return items.map(({ model, currency, effectiveFrom, terms }) => {
    const modelId = byName.get(model);
    if (modelId === undefined) {
      throw fail('price.model_unknown', `There is no model ${model}.`, { param: 'model' });
    }
    toVersionTerms(terms);
    const from = effectiveFrom === null ? null : new Date(effectiveFrom);
    return { modelId, currency, effectiveFrom: from, terms: canonicalTerms(terms) };
  });
}

async function writeItems(tx: Database, id: string, rows: readonly ItemRow[]): Promise<void> {
  try {
    await replaceItems(tx, id, rows);
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw fail('price.overlaps', 'Two prices of one model begin at the same instant.', {
      param: 'items',
      cause: error,
    });
  }
}

function requireOpen({ state, revision, id }: DraftRow, wanted: number | null): void {
  if (state !== 'open') throw fail('price.draft_closed', `The draft ${id} is ${state}.`);
  if (wanted === null || wanted === revision) return;
  throw fail(
    'price.draft_changed',
    `The draft was changed meanwhile: it is at revision ${revision}, not ${wanted}. Look at it again.`,
    { param: 'revision' },
  );
}

function requireApprover(actor: Actor, { editors }: DraftRow): void {
  if (!actor.isMember) {
    throw fail(
      'price.approver_unknown',
      'A member approves: sign in, or use a key that a member made.',
    );
  }
  if (editors.includes(actor.id)) {
    throw fail('price.approver_wrote_it', 'Another member than those who wrote it approves.');
  }
  if (editors.some((editor) => editor.startsWith('key_') || editor === 'nobody')) {
    throw fail(
      'price.author_unknown',
      'Some of it was written with a key that no member made, so nobody can say who may approve it.',
    );
  }
}

function unknownDraft(id: string) {
  return fail('price.draft_unknown', `There is no draft ${id}.`);
}
