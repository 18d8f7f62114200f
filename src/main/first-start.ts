/**
 * What makes a new cloud useful at once: the models that come along are imported, published, priced
 * and deployed, and the operator gets an opening credit so that the first call has money. Every step
 * can be repeated; what the operator removed later is not made again.
 */
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Fleet } from '#fleet/fleet.ts';
import type { Hub } from '#hub/hub.ts';
import type { Ledger } from '#ledger/ledger.ts';
import { DEFAULT_CURRENCY } from '#tenancy/currency.ts';
import { parseAmount } from '#ledger/money.ts';
import { codeOf } from '#platform/error.ts';
import type { Log } from '#platform/log.ts';
import type { Pricing } from '#pricing/pricing.ts';
import type { Tenancy } from '#tenancy/tenancy.ts';

const catalogueSchema = z.array(
  z.object({
    /** `owner/name` in the hub. */
    name: z.string(),
    folder: z.string(),
    license: z.string().nullable().default(null),
    contextLength: z.number().int().nullable().default(null),
    /** 0 lets it sleep until somebody calls; a laptop has better uses for its memory. */
    replicasMin: z.number().int().min(0).default(1),
    price: z
      .object({
        inputPerMillion: z.string(),
        outputPerMillion: z.string(),
        currency: z.string().default(DEFAULT_CURRENCY),
      })
      .nullable()
      .default(null),
  }),
);
type CatalogueModel = z.infer<typeof catalogueSchema>[number];

export type FirstStartParts = Readonly<{
  tenancy: Pick<Tenancy, 'authenticate'>;
  hub: Pick<Hub, 'findModel' | 'importBundled'>;
  fleet: Pick<Fleet, 'createDeployment' | 'isDeployed'>;
  pricing: Pick<Pricing, 'publish' | 'list'>;
  ledger: Pick<Ledger, 'credit'>;
  log: Log;
  note: (text: string) => void;
  signal: AbortSignal;
}>;

/** Enough for a million calls of the bundled model, and plainly play money. */
const OPENING_CREDIT = '1000';

export async function importBundledModels(
  parts: FirstStartParts,
  from: Readonly<{ folder: string; home: string; apiKey: string }>,
): Promise<void> {
  const catalogue = await readCatalogue(from.folder);
  const operator = await parts.tenancy.authenticate(
    new Headers({ authorization: `Bearer ${from.apiKey}` }),
  );
  if (operator === null) return;
  const { tenantId } = operator;
  await giveOpeningCredit(parts, tenantId);
  const seen = await readSeen(from.home);
  for (const model of catalogue) {
    if (parts.signal.aborted) return;
    const mark = await markOf(join(from.folder, model.folder));
    if (seen[model.name] === mark) continue;
    const isNew = seen[model.name] === undefined;
    try {
      await importModel(parts, { tenantId, folder: from.folder, model, isNew });
    } catch (error) {
      // The others may be fine; the next start tries this one again.
      parts.log.error('model.import_failed', { model: model.name, error });
      continue;
    }
    seen[model.name] = mark;
    await writeFile(seenFile(from.home), JSON.stringify(seen, null, 2));
  }
}

async function importModel(
  parts: FirstStartParts,
  what: { tenantId: string; folder: string; model: CatalogueModel; isNew: boolean },
): Promise<void> {
  const { tenantId, model } = what;
  const folder = join(what.folder, model.folder);
  parts.note(`importing ${model.name}`);
  const { modelId } = await parts.hub.importBundled(tenantId, {
    modelName: model.name,
    folder,
    files: await filesOf(folder),
    license: model.license,
    visibility: 'public',
    message: 'Comes with Flywheel.',
  });
  parts.log.info('model.imported', { model: model.name, modelId });
  if (!what.isNew) return;
  await setPrice(parts, tenantId, model);
  if (await parts.fleet.isDeployed(modelId)) return;
  await parts.fleet.createDeployment(
    { tenantId, isOperator: true },
    { model: model.name, replicasMin: model.replicasMin, contextLength: model.contextLength },
    { startsAsleep: true },
  );
}

async function setPrice(
  { pricing }: FirstStartParts,
  tenantId: string,
  model: CatalogueModel,
): Promise<void> {
  const viewer = { tenantId, isOperator: true };
  if (model.price === null) return;
  const known = await pricing.list(viewer, { model: model.name, beforeId: null, limit: 1 });
  if (known.length > 0) return;
  await pricing.publish(viewer, {
    ...model.price,
    model: model.name,
    effectiveFromMs: null,
    cacheReadPerMillion: null,
    reasoningPerMillion: null,
    createdBy: null,
  });
}

async function giveOpeningCredit({ ledger }: FirstStartParts, tenantId: string): Promise<void> {
  await ledger.credit({
    tenantId,
    currency: DEFAULT_CURRENCY,
    amountPico: parseAmount(OPENING_CREDIT),
    idempotencyKey: 'opening',
    note: 'Opening credit of a new cloud.',
  });
}

async function readCatalogue(folder: string): Promise<z.infer<typeof catalogueSchema>> {
  try {
    const text = await readFile(join(folder, 'catalogue.json'), 'utf8');
    return catalogueSchema.parse(JSON.parse(text));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .toSorted();
}

/** What the folder held when it was imported: another program version brings other files. */
async function markOf(folder: string): Promise<string> {
  const names = await filesOf(folder);
  const marks = await Promise.all(
    names.map(async (name) => `${name}:${(await stat(join(folder, name))).size}`),
  );
  return marks.join(' ');
}

function seenFile(home: string): string {
  return join(home, 'bundled.json');
}

async function readSeen(home: string): Promise<Record<string, string>> {
  const text = await readFile(seenFile(home), 'utf8').catch(() => '{}');
  return z.record(z.string(), z.string()).catch({}).parse(JSON.parse(text));
}
