/** The catalogue on a real hub: repositories made by a client's commits, found by others. @also postgresql */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sql } from '#platform/database.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { tinyGguf } from '../../../test/tiny-gguf.ts';
import { ACME, BOLT, callAs, createHubWorld } from '../hub-fixture.ts';
import { createFace, large, put } from '../huggingface/writing-fixture.ts';
import { tasksOfGroup } from './tasks.ts';
import { SORTS, type Sort } from './api.ts';

const world = await createHubWorld(await createTestDatabase());
const { hub } = world;
const face = createFace(world);
const bolt = callAs(hub, BOLT);

type Made = Readonly<{ visibility?: string; card?: string; body?: string; owner?: string }>;

async function make(
  name: string,
  { visibility = 'public', card = '', body = '', owner }: Made = {},
) {
  world.clock.advance(1);
  const asked = { name, organization: owner ?? 'acme', visibility };
  const as = owner === 'bolt' ? BOLT : ACME;
  assert.equal((await face.ask('/api/repos/create', { as, json: asked })).status, 200);
  const lines = [put('README.md', `---\n${card}\n---\n\n${body}\n`), put('config.json', '{}')];
  const { status } = await face.commit(`${asked.organization}/${name}`, lines, { as });
  assert.equal(status, 200);
}

async function names(query: string, as: string = BOLT): Promise<readonly string[]> {
  const { response } = await face.ask(`/api/models?${query}`, { as });
  assert.equal(response.status, 200, query);
  const list: readonly { id: string }[] = JSON.parse(await response.text());
  return list.map(({ id }) => id.replace('acme/', ''));
}

await make('Qwen3-4B', {
  card: 'license: apache-2.0\npipeline_tag: text-generation\nlanguage: [en, zh]\ntags: [moe]',
  body: '# Qwen3\n\nA large language model for reasoning. 通义千问大语言模型，擅长推理。',
});
await make('qwen-image', {
  card: 'license: mit\npipeline_tag: text-to-image\nlibrary_name: diffusers\nlanguage: zh',
  body: 'Paints pictures from words. 文生图模型。',
});
await make('whisper-cn', {
  card: 'license: mit\npipeline_tag: automatic-speech-recognition\nlanguage: zh\ndatasets: [acme/speech]',
  body: '语音识别。 Listens.',
});
await make('secret-Qwen', {
  visibility: 'private',
  card: 'license: secret-license\npipeline_tag: text-ranking\nlanguage: xx',
});
await make('qwen3-4b-tuned', { card: 'base_model: acme/Qwen3-4B\nbase_model_relation: finetune' });

describe('a search', () => {
  it('finds by the beginning of words of the name and the card, the best fit first', async () => {
    assert.deepEqual(await names('search=qwen3-4b&sort=id'), ['Qwen3-4B', 'qwen3-4b-tuned']);
    const { body } = await bolt('GET', '/cloud/v1/models?search=qwen3-4b');
    assert.deepEqual(namesOf(body), ['acme/Qwen3-4B', 'acme/qwen3-4b-tuned']);
    assert.deepEqual(await names('search=reason'), ['Qwen3-4B']);
    assert.deepEqual(await names('search=paints+pictures'), ['qwen-image']);
    assert.deepEqual(await names('search=paints+reasoning'), []);
  });

  it('finds Chinese by any run of characters, one included', async () => {
    assert.deepEqual(await names(`search=${encodeURIComponent('语音')}`), ['whisper-cn']);
    assert.deepEqual(await names(`search=${encodeURIComponent('大语言模型')}`), ['Qwen3-4B']);
    assert.deepEqual(await names(`search=${encodeURIComponent('千问 推理')}`), ['Qwen3-4B']);
    assert.deepEqual(await names(`search=${encodeURIComponent('图')}`), ['qwen-image']);
    assert.deepEqual(await names(`search=${encodeURIComponent('言音')}`), []);
  });

  it('takes any text without an error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 60 }), async (typed) => {
        const { status } = await bolt(
          'GET',
          `/cloud/v1/models?search=${encodeURIComponent(typed)}`,
        );
        assert.equal(status, 200, JSON.stringify(typed));
      }),
      { numRuns: 60 },
    );
  });
});

describe('filters', () => {
  it('hold all at once, by what cards, files and weights say', async () => {
    assert.deepEqual(await names('filter=license:mit&sort=id'), ['qwen-image', 'whisper-cn']);
    assert.deepEqual(
      await names('filter=license:mit&filter=language:zh&pipeline_tag=text-to-image'),
      ['qwen-image'],
    );
    assert.deepEqual(await names('filter=dataset:acme/speech'), ['whisper-cn']);
    assert.deepEqual(await names('filter=zh,moe'), ['Qwen3-4B']);
    assert.deepEqual(await names('library=diffusers'), ['qwen-image']);
    assert.deepEqual(await names('author=ACME&filter=moe'), ['Qwen3-4B']);
    assert.deepEqual(await names('author=bolt'), []);
    assert.deepEqual(await names('filter=base_model:finetune:acme/qwen3-4b'), ['qwen3-4b-tuned']);
    assert.deepEqual(await names('filter=base_model:quantized:acme/qwen3-4b'), []);
  });

  it('find what was made from a base by the name that the base has today', async () => {
    await make('old-name');
    await make('child', { card: 'base_model: acme/old-name' });
    const json = { fromRepo: 'acme/old-name', toRepo: 'acme/new-name', type: 'model' };
    assert.equal((await face.ask('/api/repos/move', { json })).status, 200);
    assert.deepEqual(await names('filter=base_model:acme/new-name'), ['child']);
    assert.deepEqual(await names('filter=base_model:acme/old-name'), ['child']);
  });

  it('know the size of weights', async () => {
    const bytes = tinyGguf({ seed: 4 });
    const oid = await face.upload('acme/qwen-image', bytes);
    await face.commit('acme/qwen-image', [large('m.gguf', oid, bytes.length)]);
    const { body } = await bolt('GET', '/cloud/v1/models/acme/qwen-image');
    const parameters = parametersOf(body);
    assert.ok(parameters > 1_000, JSON.stringify(body));
    const [below, above] = [`max:${parameters}`, `max:${parameters + 1}`];
    assert.deepEqual(await names(`num_parameters=min:1K,${above}`), ['qwen-image']);
    assert.deepEqual(await names(`num_parameters=${below}`), []);
    assert.deepEqual(await names('apps=llama.cpp'), ['qwen-image']);
    const refused = await face.ask('/api/models?num_parameters=big');
    assert.equal(refused.status, 400);
  });

  it('of a group of tasks take each of them', async () => {
    const { body } = await bolt('GET', '/cloud/v1/models?taskGroup=speech');
    assert.deepEqual(namesOf(body), ['acme/whisper-cn']);
    assert.ok(tasksOfGroup('speech').length > 1);
    const unknown = await bolt('GET', '/cloud/v1/models?taskGroup=none');
    assert.deepEqual(namesOf(unknown.body), []);
  });
});

describe('facets', () => {
  it('count what matches, and in each facet as if nothing were chosen in it', async () => {
    const { body } = await bolt('GET', '/cloud/v1/models/facets?license=mit&author=acme');
    assert.equal(body['total'], 2);
    assert.deepEqual(body['license'], [
      { value: 'mit', count: 2 },
      { value: 'apache-2.0', count: 1 },
    ]);
    assert.deepEqual(body['language'], [{ value: 'zh', count: 2 }]);
    const groups = body['taskGroups'];
    assert.deepEqual(groups, [
      { group: 'image', count: 1, tasks: [{ value: 'text-to-image', count: 1 }] },
      { group: 'speech', count: 1, tasks: [{ value: 'automatic-speech-recognition', count: 1 }] },
    ]);
  });

  it('and lists show a private repository to its own tenant alone', async () => {
    const theirs = JSON.stringify((await bolt('GET', '/cloud/v1/models/facets')).body);
    const ours = JSON.stringify((await callAs(hub, ACME)('GET', '/cloud/v1/models/facets')).body);
    for (const word of ['secret-license', 'text-ranking', '"xx"']) {
      assert.ok(!theirs.includes(word), word);
      assert.ok(ours.includes(word), word);
    }
    assert.deepEqual(await names('search=secret'), []);
    assert.deepEqual(await names('search=secret', ACME), ['secret-Qwen']);
    assert.deepEqual(await names('filter=license:secret-license'), []);
    assert.deepEqual(await names('author=acme&pipeline_tag=text-ranking', ''), []);
    const [mine, others] = [
      await hub.catalogue.count(ACME, { kind: 'model' }),
      await hub.catalogue.count(BOLT, { kind: 'model' }),
    ];
    assert.equal(mine, others + 1);
  });

  it('are of what is public from the moment that it is, and not after it is gone', async () => {
    await make('moves', { visibility: 'private', card: 'license: moving-license' });
    assert.deepEqual(await names('filter=license:moving-license'), []);
    await face.ask('/api/models/acme/moves/settings', {
      method: 'PUT',
      json: { visibility: 'public' },
    });
    assert.deepEqual(await names('filter=license:moving-license'), ['moves']);
    await face.commit('acme/moves', [put('README.md', '---\nlicense: other\n---\n')]);
    assert.deepEqual(await names('filter=license:moving-license'), []);
    const json = { name: 'moves', organization: 'acme', type: 'model' };
    const gone = await face.ask('/api/repos/delete', { method: 'DELETE', json });
    assert.equal(gone.status, 200);
    assert.deepEqual(await names('search=moves', ACME), []);
  });
});

describe('pages', () => {
  it('give each repository once, whatever is made and changed meanwhile', async () => {
    for (let index = 0; index < 9; index += 1) await make(`page-${index}`, { owner: 'bolt' });
    const before = new Set(await names('author=bolt&limit=1000'));
    const sorts = fc.constantFrom(...SORTS.filter((sort) => sort !== 'relevance'));
    const direction = fc.constantFrom<('asc' | 'desc')[]>('asc', 'desc');
    let made = 0;
    const property = fc.asyncProperty(
      sorts,
      direction,
      fc.integer({ min: 1, max: 4 }),
      async (sort: Sort, way, limit) => {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const query = {
            kind: 'model',
            author: 'bolt',
            sort,
            direction: way,
            limit,
            cursor,
          } as const;
          const page = await hub.catalogue.list(BOLT, query);
          seen.push(...page.data.map(({ name }) => name));
          cursor = page.nextCursor ?? undefined;
          if (seen.length < 4) await make(`new-${(made += 1)}`, { owner: 'bolt' });
        } while (cursor !== undefined);
        assert.equal(new Set(seen).size, seen.length, seen.join(' '));
        assert.deepEqual(
          [...before].filter((name) => !seen.includes(name)),
          [],
        );
      },
    );
    await fc.assert(property, { numRuns: 12 });
  });

  it('of a search go on, and of another order are refused', async () => {
    const first = await bolt('GET', '/cloud/v1/models?search=qwen&limit=1');
    const cursor = String(first.body['nextCursor']);
    const second = await bolt('GET', `/cloud/v1/models?search=qwen&limit=50&cursor=${cursor}`);
    const all = await bolt('GET', '/cloud/v1/models?search=qwen');
    assert.deepEqual([...namesOf(first.body), ...namesOf(second.body)], namesOf(all.body));
    const other = await bolt('GET', `/cloud/v1/models?sort=likes&cursor=${cursor}`);
    assert.equal(other.status, 400);
    const forged = await bolt('GET', '/cloud/v1/models?sort=likes&cursor=AAAA');
    assert.equal(forged.status, 400);
  });
});

describe('the rows of the catalogue', () => {
  it('are the repositories that are there, no more and no fewer', async () => {
    const { rows } = await sql`
      select coalesce(c.model_id, m.id) as id from catalogue c
      full join (select tenant_id, id from models where removed_at is null) m
        on m.tenant_id = c.tenant_id and m.id = c.model_id
      where c.model_id is null or m.id is null`.execute(world.database.database);
    assert.deepEqual(rows, []);
  });

  it('are filled in again where a repository is older than they are', async () => {
    const { database } = world.database;
    const emptied = sql`update models set card = '{}' where name = 'whisper-cn'`;
    await emptied.execute(database);
    assert.deepEqual(await names('filter=dataset:acme/speech'), []);
    const other = world.createHub();
    other.start();
    try {
      for (;;) {
        if ((await names('filter=dataset:acme/speech')).length > 0) break;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    } finally {
      await other.stop();
    }
    assert.deepEqual(await names(`search=${encodeURIComponent('语音')}`), ['whisper-cn']);
  });
});

function namesOf(body: Record<string, unknown>): readonly string[] {
  assert.ok(Array.isArray(body['data']));
  return body['data'].map(({ name }: { name: string }) => name);
}

function parametersOf({ weights }: { weights?: { parameters?: number } }): number {
  return weights?.parameters ?? 0;
}
