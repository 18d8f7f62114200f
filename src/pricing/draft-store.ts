/** All SQL of drafts, of the setting that asks for approval, and of who did what to prices. */
import { type Database, sql } from '#platform/database.ts';
import type { PriceEvent, PriceTerms } from './api.ts';

export type DraftState = 'open' | 'published' | 'discarded';

export type DraftRow = Readonly<{
  id: string;
  title: string;
  state: DraftState;
  revision: number;
  editors: readonly string[];
  approvedRevision: number | null;
  approvedBy: string | null;
  approvedAt: Date | null;
  createdBy: string;
  createdAt: Date;
  updatedAt: Date;
}>;

export type ItemRow = Readonly<{
  modelId: string;
  currency: string;
  effectiveFrom: Date | null;
  terms: PriceTerms;
}>;

const draftColumns = sql`id, title, state, revision, editors,
  approved_revision as "approvedRevision", approved_by as "approvedBy", approved_at as "approvedAt",
  created_by as "createdBy", created_at as "createdAt", updated_at as "updatedAt"`;

export async function insertDraft(
  tx: Database,
  draft: Readonly<{ id: string; title: string; createdBy: string; nowMs: number }>,
): Promise<void> {
  const now = new Date(draft.nowMs);
  await sql`insert into price_drafts (id, title, state, editors, created_by, created_at, updated_at)
    values (${draft.id}, ${draft.title}, 'open', ${[draft.createdBy]}::text[], ${draft.createdBy},
      ${now}, ${now})`.execute(tx);
}

/** Locked until the transaction ends: one edit, approval or publication at a time. */
export async function lockDraft(tx: Database, id: string): Promise<DraftRow | null> {
  const { rows } = await sql<DraftRow>`
    select ${draftColumns} from price_drafts where id = ${id} for update`.execute(tx);
  return rows[0] ?? null;
}

export async function selectDraft(database: Database, id: string): Promise<DraftRow | null> {
  const { rows } = await sql<DraftRow>`
    select ${draftColumns} from price_drafts where id = ${id}`.execute(database);
  return rows[0] ?? null;
}

/** The last made first. */
export async function selectDrafts(
  database: Database,
  query: Readonly<{ state: DraftState | null; beforeId: string | null; limit: number }>,
): Promise<readonly DraftRow[]> {
  const { rows } = await sql<DraftRow>`
    select ${draftColumns} from price_drafts
    where (${query.state}::text is null or state = ${query.state}::text)
      and (${query.beforeId}::text is null or id < ${query.beforeId}::text)
    order by id desc limit ${query.limit}`.execute(database);
  return rows;
}

/** What was approved was another text, so the approval goes. */
export async function updateDraft(
  tx: Database,
  draft: Readonly<{ id: string; title: string; editor: string; nowMs: number }>,
): Promise<void> {
  await sql`update price_drafts set title = ${draft.title}, revision = revision + 1,
      approved_revision = null, approved_by = null, approved_at = null,
      editors = case when ${draft.editor} = any (editors) then editors
        else editors || ${draft.editor}::text end,
      updated_at = ${new Date(draft.nowMs)}
    where id = ${draft.id}`.execute(tx);
}

export async function updateApproval(
  tx: Database,
  draft: Readonly<{ id: string; revision: number; approvedBy: string; nowMs: number }>,
): Promise<void> {
  const now = new Date(draft.nowMs);
  await sql`update price_drafts set approved_revision = ${draft.revision},
      approved_by = ${draft.approvedBy}, approved_at = ${now}, updated_at = ${now}
    where id = ${draft.id}`.execute(tx);
}

export async function updateState(
  tx: Database,
  draft: Readonly<{ id: string; state: DraftState; nowMs: number }>,
): Promise<void> {
  await sql`update price_drafts set state = ${draft.state}, updated_at = ${new Date(draft.nowMs)}
    where id = ${draft.id}`.execute(tx);
}

export async function replaceItems(
  tx: Database,
  draftId: string,
  items: readonly ItemRow[],
): Promise<void> {
  await sql`delete from price_draft_items where draft_id = ${draftId}`.execute(tx);
  await sql`insert into price_draft_items (draft_id, model_id, currency, effective_from, terms)
    select ${draftId}, model_id, currency, effective_from, terms
    from unnest(
      ${items.map(({ modelId }) => modelId)}::text[],
      ${items.map(({ currency }) => currency)}::text[],
      ${items.map(({ effectiveFrom }) => effectiveFrom)}::timestamptz[],
      ${items.map(({ terms }) => JSON.stringify(terms))}::jsonb[]
    ) as item (model_id, currency, effective_from, terms)`.execute(tx);
}

/** By draft; within it by model and start. */
export async function selectItems(
  database: Database,
  draftIds: readonly string[],
): Promise<ReadonlyMap<string, readonly ItemRow[]>> {
  const { rows } = await sql<ItemRow & Readonly<{ draftId: string }>>`
    select draft_id as "draftId", model_id as "modelId", currency, effective_from as "effectiveFrom", terms
    from price_draft_items where draft_id = any(${draftIds}::text[])
    order by draft_id, model_id, currency, effective_from nulls first`.execute(database);
  return Map.groupBy(rows, ({ draftId }) => draftId);
}

/** Held until the transaction ends, so that nothing is published while it is being turned on. */
export async function lockRequiresApproval(tx: Database): Promise<boolean> {
  const { rows } = await sql<{ requiresApproval: boolean }>`
    select requires_approval as "requiresApproval" from price_settings for share`.execute(tx);
  return rows[0]?.requiresApproval ?? false;
}

export async function selectRequiresApproval(database: Database): Promise<boolean> {
  const { rows } = await sql<{ requiresApproval: boolean }>`
    select requires_approval as "requiresApproval" from price_settings`.execute(database);
  return rows[0]?.requiresApproval ?? false;
}

export async function updateRequiresApproval(tx: Database, isRequired: boolean): Promise<void> {
  await sql`update price_settings set requires_approval = ${isRequired}`.execute(tx);
}

export type EventRow = Readonly<{
  id: string;
  at: Date;
  actor: string | null;
  action: PriceEvent['action'];
  draftId: string | null;
  detail: PriceEvent['detail'];
}>;

export async function insertEvent(tx: Database, event: EventRow): Promise<void> {
  await sql`insert into price_events (id, at, actor, action, draft_id, detail)
    values (${event.id}, ${event.at}, ${event.actor}, ${event.action}, ${event.draftId},
      ${JSON.stringify(event.detail)}::jsonb)`.execute(tx);
}

/** The last first. */
export async function selectEvents(
  database: Database,
  query: Readonly<{ draftId: string | null; beforeId: string | null; limit: number }>,
): Promise<readonly EventRow[]> {
  const { rows } = await sql<EventRow>`
    select id, at, actor, action, draft_id as "draftId", detail from price_events
    where (${query.draftId}::text is null or draft_id = ${query.draftId}::text)
      and (${query.beforeId}::text is null or id < ${query.beforeId}::text)
    order by id desc limit ${query.limit}`.execute(database);
  return rows;
}
