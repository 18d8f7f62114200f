/**
 * The price book as the operator works on it: drafts and who approves them, what a draft would change, and the
 * whole as a file. What is in force and what calls cost is pricing.ts; nothing here changes a published price.
 */
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import type { Principal } from '#tenancy/principal.ts';
import { type Actor, type ActorDirectory, actorOf } from './actors.ts';
import { type BookFormat, type PriceDraft, type PriceImport, currencySchema } from './api.ts';
import { type Fault, type ReadItem, readBook, writeBook } from './book.ts';
import { type Drafts, createDrafts } from './drafts.ts';
import { fail } from './errors.ts';
import { type Oversight, createOversight } from './oversight.ts';
import type { ModelDirectory, Viewer } from './pricing.ts';
import type { UsageReplay } from './simulate.ts';
import { selectPricesSince } from './store.ts';
import { type Studies, type StudyParts, createStudies } from './studies.ts';
import { toTerms } from './terms.ts';

export type PriceBook = Readonly<{
  drafts: Drafts;
  oversight: Oversight;
  studies: Studies;
  actorOf: (principal: Principal) => Promise<Actor>;
  /**
   * A draft of all that differs from what is published; all of the file or nothing. Raises
   * `price.import_refused`, which names the line of every fault.
   */
  importBook: (actor: Actor, file: PriceImport) => Promise<PriceDraft>;
  /** What is in force or coming, of the models that the viewer may see. */
  exportBook: (viewer: Viewer, format: BookFormat) => Promise<string>;
  exportDraft: (draft: PriceDraft, format: BookFormat) => string;
}>;

export type PriceBookParts = Readonly<{
  database: Database;
  models: ModelDirectory;
  actors: ActorDirectory;
  replay: UsageReplay;
  tenantNames: StudyParts['tenantNames'];
  clock: Clock;
  log: Log;
}>;

/** A person reads these; who needs more mends these first. */
const FAULTS_SHOWN_MAX = 20;

export function createPriceBook(parts: PriceBookParts): PriceBook {
  const { database, models, actors, clock } = parts;
  const drafts = createDrafts(parts);
  return {
    drafts,
    oversight: createOversight(parts),
    studies: createStudies(parts),
    actorOf: (principal) => actorOf(actors, principal),
    importBook: async (actor, { title, format, text }) => {
      const { items, faults } = readBook(text, format);
      if (faults.length > 0) throw refused(faults);
      const viewer = { tenantId: actor.tenantId, isOperator: true };
      const known = new Set((await models.list(viewer)).map(({ name }) => name));
      const published = await publishedTerms(parts, viewer);
      const fresh = items.filter(
        ({ item }) => published.get(placeOf(item)) !== JSON.stringify(item.terms),
      );
      const problems = fresh.flatMap((read) => problemsOf(read, known, clock.nowMs()));
      if (problems.length > 0) throw refused(problems);
      if (fresh.length === 0) {
        throw fail('price.import_refused', 'Nothing in it differs from what is published.');
      }
      return drafts.create(actor, { title, items: fresh.map(({ item }) => item) });
    },
    exportBook: async (viewer, format) => {
      const listed = await models.list(viewer);
      const names = new Map(listed.map(({ id, name }) => [id, name]));
      const versions = await selectPricesSince(database, new Date(clock.nowMs()));
      const items = versions.flatMap((version) => {
        const model = names.get(version.modelId);
        if (model === undefined) return [];
        const effectiveFrom = new Date(version.effectiveFromMs).toISOString();
        const currency = currencySchema.parse(version.currency);
        return [{ model, currency, effectiveFrom, terms: toTerms(version) }];
      });
      return writeBook(items, format);
    },
    exportDraft: ({ items }, format) => writeBook(items, format),
  };
}

/** By model, currency and start, what is published, as text to compare. */
async function publishedTerms(
  { database, models, clock }: PriceBookParts,
  viewer: Viewer,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map((await models.list(viewer)).map(({ id, name }) => [id, name]));
  const versions = await selectPricesSince(database, new Date(clock.nowMs()));
  return new Map(
    versions.map((version) => {
      const { modelId, currency, effectiveFromMs } = version;
      const effectiveFrom = new Date(effectiveFromMs).toISOString();
      const place = placeOf({ model: names.get(modelId) ?? '', currency, effectiveFrom });
      return [place, JSON.stringify(toTerms(version))];
    }),
  );
}

function placeOf(
  item: Readonly<{ model: string; currency: string; effectiveFrom: string | null }>,
): string {
  return [item.model, item.currency, item.effectiveFrom].join(' ');
}

function problemsOf(
  { item, line }: ReadItem,
  known: ReadonlySet<string>,
  nowMs: number,
): readonly Fault[] {
  if (!known.has(item.model)) return [{ line, message: `There is no model ${item.model}.` }];
  if (item.effectiveFrom === null || Date.parse(item.effectiveFrom) >= nowMs) return [];
  const message = `This price of ${item.model} differs from the one that began at ${item.effectiveFrom}, which never changes. Leave effective_from empty for a new one that begins when it is published.`;
  return [{ line, message }];
}

function refused(faults: readonly Fault[]) {
  const sorted = faults.toSorted((left, right) => left.line - right.line);
  const shown = sorted.slice(0, FAULTS_SHOWN_MAX);
  const more = sorted.length - shown.length;
  const lines = shown.map(({ line, message }) => `line ${line}: ${message}`);
  if (more > 0) lines.push(`and ${more} more`);
  return fail('price.import_refused', `Nothing was imported.\n${lines.join('\n')}`, {
    param: 'text',
  });
}
