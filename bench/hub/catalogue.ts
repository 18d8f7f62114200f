/**
 * Lists and searches over a million repositories on a real PostgreSQL. `npm run bench -- catalogue`, with `./quick`
 * for 50,000.
 *
 * Through the hub's own catalogue, as the routes call it: filters, orders, words in English and Chinese, pages deep
 * down. The baseline of the same run reads the rows of a page by their ids, which every list has to do at the end.
 */
import { globSync } from 'node:fs';
import { type Database, openDatabase, sql } from '#platform/database.ts';
import { migrate } from '#platform/migrate.ts';
import { type Catalogue, createCatalogue } from '#hub/catalogue/catalogue.ts';
import type { ListQuery } from '#hub/catalogue/list-query.ts';
import { startPostgres } from '../../scripts/test/postgres.ts';
import { TENANT, seedCatalogue } from './seed-catalogue.ts';

const isQuick = process.argv.some((argument) => argument.includes('quick'));
const REPOSITORIES = isQuick ? 50_000 : 1_000_000;
const SAMPLES = isQuick ? 20 : 60;
const PAGE = 50;
const DEEP_PAGES = 40;

type Asked = Omit<ListQuery, 'kind'>;

/** What people and programs ask for; numbers vary the value, so that no page is asked for twice. */
const QUESTIONS: Readonly<Record<string, (sample: number) => Asked>> = {
  'what trends': () => ({ sort: 'trending' }),
  'a task, most downloaded': () => ({ task: ['text-to-video'], sort: 'downloads' }),
  'a license and a language, most liked': () => ({
    terms: ['license:mit', 'language:zh'],
    sort: 'likes',
  }),
  'a rare tag': (sample) => ({ terms: [`tag-${sample * 31}`], sort: 'trending' }),
  'made from a base': (sample) => ({
    terms: [`base_model:owner${(sample * 7) % 5000}/base-${(sample * 7) % 20000}`],
    sort: 'downloads',
  }),
  'sizes between': () => ({ parameters: { min: 6e9, max: 12e9 }, sort: 'downloads' }),
  'one owner': (sample) => ({ author: `owner${sample * 13}`, sort: 'updated' }),
  'five filters': () => ({
    terms: ['language:en', 'license:apache-2.0'],
    library: ['gguf'],
    task: ['text-generation'],
    quantization: ['Q4_K_M'],
    sort: 'trending',
  }),
  'nothing fits': (sample) => ({ terms: [`tag-${sample}`, 'license:none'], sort: 'likes' }),
  'a word, ranked': (sample) => ({ search: `word${sample * 331}`, sort: 'relevance' }),
  'a common name, ranked': () => ({ search: 'qwen3', sort: 'relevance' }),
  'the beginning of a name': (sample) => ({
    search: `deepseek-r1-${sample}b-le`,
    sort: 'relevance',
  }),
  'Chinese, ranked': () => ({ search: '语音识别', sort: 'relevance' }),
  'words and filters': () => ({
    search: 'llama coder',
    terms: ['license:apache-2.0'],
    sort: 'downloads',
  }),
  'by name, far down': () => ({ sort: 'name' }),
};

type Row = Readonly<{ p50: string; p95: string; p99: string }>;

function spanOf(all: readonly number[]): Row {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    `${(sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1)} ms`;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

async function timed(work: (sample: number) => Promise<unknown>): Promise<readonly number[]> {
  const took: number[] = [];
  // The first are for plans and pages that no cache holds yet.
  for (let sample = -3; sample < SAMPLES; sample += 1) {
    const from = performance.now();
    await work(Math.abs(sample));
    if (sample >= 0) took.push(performance.now() - from);
  }
  return took;
}

async function cursorsOf(catalogue: Catalogue): Promise<readonly string[]> {
  const cursors: string[] = [];
  for (let page = 0; page < DEEP_PAGES; page += 1) {
    const cursor = cursors.at(-1);
    const query = { kind: 'model', sort: 'name', limit: 1_000, cursor } as const;
    const { nextCursor } = await catalogue.list(TENANT, query);
    if (nextCursor !== null) cursors.push(nextCursor);
  }
  return cursors;
}

async function measure(database: Database): Promise<Record<string, Row>> {
  const catalogue = createCatalogue({ database });
  const rows: Record<string, Row> = {};
  const all: number[] = [];
  const cursors = await cursorsOf(catalogue);
  for (const [name, question] of Object.entries(QUESTIONS)) {
    const isDeep = name.endsWith('far down');
    const took = await timed((sample) => {
      const cursor = isDeep ? cursors[sample % cursors.length] : undefined;
      const page = { limit: PAGE, cursor };
      return catalogue.list(TENANT, { kind: 'model', ...question(sample), ...page });
    });
    rows[name] = spanOf(took);
    all.push(...took);
  }
  rows['── all of these'] = spanOf(all);
  rows['facets of everything'] = spanOf(
    await timed(() => catalogue.facets(TENANT, { kind: 'model' })),
  );
  rows['facets of a search'] = spanOf(
    await timed(() => catalogue.facets(TENANT, { kind: 'model', search: 'qwen3' })),
  );
  const baseline = await timed((sample) => {
    const ids = Array.from({ length: PAGE }, (_, index) => {
      return `mdl_${String(1 + ((sample * 7919 + index * 104_729) % REPOSITORIES)).padStart(12, '0')}`;
    });
    return sql`select * from models m join catalogue c on c.tenant_id = m.tenant_id and c.model_id = m.id
      where m.id = any(${ids}::text[])`.execute(database);
  });
  rows[`baseline: ${PAGE} rows by id`] = spanOf(baseline);
  return rows;
}

const binaries = globSync('/usr/lib/postgresql/*/bin').toSorted().at(-1);
if (binaries === undefined) throw new Error('there is no PostgreSQL server on this machine');
const { url, stop } = await startPostgres(binaries);
const handle = openDatabase({ url });
try {
  await migrate(handle.database);
  const from = performance.now();
  await seedCatalogue(handle.database, REPOSITORIES);
  const took = ((performance.now() - from) / 1000).toFixed(0);
  console.log(`${REPOSITORIES.toLocaleString('en')} repositories, made in ${took} s\n`);
  console.table(await measure(handle.database));
} finally {
  await handle.stop();
  await stop();
}
