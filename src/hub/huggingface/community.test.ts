import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../../test/database.ts';
import { ACME, BOLT, createHubWorld } from '../hub-fixture.ts';
import { type Line, READER, createFace, put } from './writing-fixture.ts';

const world = await createHubWorld(await createTestDatabase());
const { ask, commit, read } = createFace(world);
let made = 0;

/** A repository of ACME's with some files on main. */
async function repository(
  visibility: 'public' | 'private' = 'public',
  files: Readonly<Record<string, string>> = { 'a.txt': 'one\ntwo\nthree\n', 'b.txt': 'b\n' },
): Promise<string> {
  made += 1;
  const name = `talk-${made}`;
  await ask('/api/repos/create', { json: { name, organization: 'acme', visibility } });
  const { status } = await commit(`acme/${name}`, lines(files));
  assert.equal(status, 200);
  return `acme/${name}`;
}

function lines(files: Readonly<Record<string, string>>): readonly Line[] {
  return Object.entries(files).map(([path, text]) => put(path, text));
}

/** A pull request with these files on it; gives its number. */
async function pull(
  name: string,
  files: Readonly<Record<string, string>>,
  as = BOLT,
): Promise<number> {
  const { status, body } = await commit(name, lines(files), { as, query: '?create_pr=1' });
  assert.equal(status, 200, JSON.stringify(body));
  return Number(String(body['pullRequestUrl']).split('/').at(-1));
}

const at = (name: string, num: number, rest = '') =>
  `/api/models/${name}/discussions/${num}${rest}`;

type Details = Readonly<{
  status: string;
  title: string;
  events: readonly Readonly<{ id: string; type: string; data: Record<string, unknown> }>[];
  filesWithConflicts: readonly string[];
  changes: Readonly<{ base: string; mergeCommitId?: string }>;
  diff: string;
}>;

async function details(name: string, num: number, as = ACME): Promise<Details> {
  const { response, status } = await ask(at(name, num, '?diff=1'), { as });
  assert.equal(status, 200);
  return JSON.parse(await response.text());
}

async function head(name: string, ref = 'refs/heads/main'): Promise<string> {
  const { response } = await ask(`/api/models/${name}/refs?include_prs=1`);
  const refs: Record<string, { ref: string; targetCommit: string }[]> = JSON.parse(
    await response.text(),
  );
  return (
    Object.values(refs)
      .flat()
      .find((one) => one.ref === ref)?.targetCommit ?? ''
  );
}

const textOf = async (name: string, path: string): Promise<string> =>
  Buffer.from(await read(`/${name}/resolve/main/${path}`)).toString('utf8');

describe('discussions', () => {
  it('are opened by whoever sees the repository, and gone on with', async () => {
    const name = await repository();
    const json = { title: 'How was it made?', description: 'I **wonder**.' };
    const opened = await ask(`/api/models/${name}/discussions`, { as: BOLT, json });
    assert.deepEqual([opened.status, opened.body['num']], [200, 1]);
    const said = await ask(at(name, 1, '/comment'), { json: { comment: 'By hand.' } });
    assert.equal(said.status, 200);

    const { events, status, title } = await details(name, 1);
    assert.deepEqual([title, status], [json.title, 'open']);
    assert.deepEqual(
      events.map(({ type, data }) => [type, data['latest']].map((part) => rawOf(part))),
      [
        ['comment', 'I **wonder**.'],
        ['comment', 'By hand.'],
      ],
    );
  });

  it('are listed by kind, state and author, with how many there are', async () => {
    const name = await repository();
    for (const title of ['first', 'second', 'third']) {
      await ask(`/api/models/${name}/discussions`, { as: BOLT, json: { title } });
    }
    await pull(name, { 'c.txt': 'c' }, ACME);
    await ask(at(name, 2, '/status'), { json: { status: 'closed' } });
    const listed = async (query: string) => {
      const { body } = await ask(`/api/models/${name}/discussions?${query}`);
      const { discussions = [] }: { discussions?: { num: number }[] } = body;
      return [body['count'], ...discussions.map(({ num }) => num)];
    };
    assert.deepEqual(await listed(''), [4, 4, 3, 2, 1]);
    assert.deepEqual(await listed('status=closed'), [1, 2]);
    assert.deepEqual(await listed('type=pull_request'), [1, 4]);
    assert.deepEqual(await listed('type=discussion&status=open'), [2, 3, 1]);
    assert.deepEqual(await listed('author=bolt&p=1'), [3]);
    assert.deepEqual(await listed('author=acme'), [1, 4]);
  });

  it('are changed by their author and by who may write, and by nobody else', async () => {
    const name = await repository();
    await ask(`/api/models/${name}/discussions`, { json: { title: 'Ours' } });
    await ask(`/api/models/${name}/discussions`, { as: BOLT, json: { title: 'Theirs' } });
    const statusOf = async (num: number, as: string) =>
      (await ask(at(name, num, '/status'), { as, json: { status: 'closed' } })).status;
    assert.equal(await statusOf(1, BOLT), 403);
    assert.equal(await statusOf(2, BOLT), 200);
    const renamed = await ask(at(name, 2, '/title'), { json: { title: 'Renamed' } });
    assert.equal(renamed.status, 200);
    assert.equal((await details(name, 2)).title, 'Renamed');
    assert.equal(await statusOf(1, READER), 200, 'a key of the tenant that opened it');
  });

  it('let authors edit their words, and owners hide those of others for good', async () => {
    const name = await repository();
    await ask(`/api/models/${name}/discussions`, { as: BOLT, json: { title: 'Words' } });
    await ask(at(name, 1, '/comment'), { as: BOLT, json: { comment: 'Rude.' } });
    const comment = (await details(name, 1)).events.at(-1)?.id ?? '';
    const edit = (as: string) =>
      ask(at(name, 1, `/comment/${comment}/edit`), { as, json: { content: 'Kind.' } });
    assert.equal((await edit(ACME)).status, 403);
    assert.equal((await edit(BOLT)).status, 200);
    assert.equal(rawOf((await details(name, 1)).events.at(-1)?.data['latest']), 'Kind.');
    assert.equal(
      (await ask(at(name, 1, `/comment/${comment}/hide`), { method: 'POST' })).status,
      200,
    );
    const hidden = (await details(name, 1)).events.at(-1)?.data;
    assert.deepEqual([hidden?.['hidden'], rawOf(hidden?.['latest'])], [true, '']);
    assert.equal((await edit(BOLT)).status, 403, 'what is hidden stays hidden');
  });

  it('of a private repository are not there for others, and nobody speaks without a token', async () => {
    const name = await repository('private');
    await ask(`/api/models/${name}/discussions`, { json: { title: 'Secret' } });
    for (const path of [`/api/models/${name}/discussions`, at(name, 1), at(name, 99)]) {
      const [theirs, unknown] = [
        await ask(path, { as: BOLT }),
        await ask(path.replace(name, 'acme/nothing'), { as: BOLT }),
      ];
      assert.deepEqual([theirs.status, unknown.status], [404, 404]);
      const text = String(theirs.body['error']).replace(name, 'acme/nothing');
      assert.equal(text, unknown.body['error']);
    }
    for (const [path, json] of [
      [at(name, 1, '/comment'), { comment: 'hi' }],
      [at(name, 1, '/merge'), {}],
      [`/api/models/${name}/discussions`, { title: 'hi' }],
    ] as const) {
      assert.equal((await ask(path, { as: BOLT, json })).status, 404, path);
    }
    const open = await repository();
    const json = { title: 'hi' };
    assert.equal((await ask(`/api/models/${open}/discussions`, { as: '', json })).status, 401);
  });

  it('refuse what is empty or too long', async () => {
    const name = await repository();
    for (const json of [{ title: ' ' }, { title: 'x'.repeat(201) }, {}]) {
      assert.equal((await ask(`/api/models/${name}/discussions`, { json })).status, 400);
    }
    await ask(`/api/models/${name}/discussions`, { json: { title: 'Fine' } });
    for (const comment of ['', 'x'.repeat(65_537)]) {
      assert.equal((await ask(at(name, 1, '/comment'), { json: { comment } })).status, 400);
    }
  });
});

describe('pull requests', () => {
  it('say what they change, and main goes to their head where it stood still', async () => {
    const name = await repository();
    const num = await pull(name, { 'a.txt': 'one\n2\nthree\n', 'new.txt': 'new' });
    const before = await details(name, num);
    assert.deepEqual(before.filesWithConflicts, []);
    assert.equal(
      before.diff,
      [
        'diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n',
        'diff --git a/new.txt b/new.txt\nnew file mode 100644\n--- /dev/null\n+++ b/new.txt\n',
        '@@ -0,0 +1 @@\n+new\n\\ No newline at end of file\n',
      ].join(''),
    );
    const theirs = await head(name, `refs/pr/${num}`);
    assert.equal((await ask(at(name, num, '/merge'), { as: BOLT, json: {} })).status, 403);
    const merged = await ask(at(name, num, '/merge'), { json: { comment: 'Thanks!' } });
    assert.deepEqual([merged.status, merged.body['mergeCommitId']], [200, theirs]);
    assert.equal(await head(name), theirs);
    const after = await details(name, num);
    assert.deepEqual([after.status, after.changes.mergeCommitId], ['merged', theirs]);
    assert.equal(after.diff, before.diff);
    assert.deepEqual(
      after.events.map(({ type }) => type),
      ['comment', 'commit', 'comment', 'status-change'],
    );
  });

  it('are put on top of what happened on main since', async () => {
    const name = await repository();
    const num = await pull(name, { 'a.txt': 'changed there\n' });
    await commit(name, lines({ 'b.txt': 'changed here\n' }));
    const main = await head(name);
    const merged = await ask(at(name, num, '/merge'), { json: {} });
    assert.equal(merged.status, 200, JSON.stringify(merged.body));
    assert.notEqual(merged.body['mergeCommitId'], main);
    assert.equal(await textOf(name, 'a.txt'), 'changed there\n');
    assert.equal(await textOf(name, 'b.txt'), 'changed here\n');
    const again = await ask(at(name, num, '/merge'), { json: {} });
    assert.equal(again.status, 409);
  });

  it('that conflict are refused with the files, and change nothing', async () => {
    const name = await repository();
    const num = await pull(name, { 'a.txt': 'theirs\n', 'c.txt': 'c' });
    await commit(name, lines({ 'a.txt': 'ours\n' }));
    const main = await head(name);
    assert.deepEqual((await details(name, num)).filesWithConflicts, ['a.txt']);
    const merged = await ask(at(name, num, '/merge'), { json: {} });
    assert.equal(merged.status, 409);
    assert.match(String(merged.body['error']), /a\.txt/);
    assert.deepEqual([await head(name), (await details(name, num)).status], [main, 'open']);
    // Once it holds what main has, it can be merged.
    const revision = `refs/pr/${num}`;
    assert.equal(
      (await commit(name, lines({ 'a.txt': 'ours\n' }), { as: BOLT, revision })).status,
      200,
    );
    assert.equal((await ask(at(name, num, '/merge'), { json: {} })).status, 200);
    assert.equal(await textOf(name, 'a.txt'), 'ours\n');
    assert.equal(await textOf(name, 'c.txt'), 'c');
  });

  it('begin as a draft where somebody asks for one first, and take commits of their author', async () => {
    const name = await repository();
    const json = { title: 'A draft', pullRequest: true };
    await ask(`/api/models/${name}/discussions`, { as: BOLT, json });
    const revision = 'refs/pr/1';
    assert.equal((await commit(name, lines({ 'd.txt': 'd' }), { as: BOLT, revision })).status, 200);
    assert.equal((await ask(at(name, 1, '/merge'), { json: {} })).status, 409);
    await ask(at(name, 1, '/status'), { as: BOLT, json: { status: 'open' } });
    assert.equal((await ask(at(name, 1, '/merge'), { json: {} })).status, 200);
    assert.equal(await textOf(name, 'd.txt'), 'd');
    const late = await commit(name, lines({ 'e.txt': 'e' }), { as: BOLT, revision });
    assert.equal(late.status, 409);
    const ours = await pull(name, { 'f.txt': 'f' }, ACME);
    const foreign = await commit(name, lines({ 'g.txt': 'g' }), {
      as: BOLT,
      revision: `refs/pr/${ours}`,
    });
    assert.equal(foreign.status, 403);
  });

  it('merged at the same time are merged once each, and main has them all', async () => {
    const name = await repository();
    const nums: number[] = [];
    for (const file of ['p', 'q', 'r']) nums.push(await pull(name, { [`${file}.txt`]: file }));
    const twice = [...nums, ...nums];
    const answers = await Promise.all(
      twice.map((num) => ask(at(name, num, '/merge'), { json: {} })),
    );
    const codes = answers.map(({ status }) => status).toSorted((left, right) => left - right);
    assert.deepEqual(codes, [200, 200, 200, 409, 409, 409]);
    for (const file of ['p', 'q', 'r']) assert.equal(await textOf(name, `${file}.txt`), file);
    const { response } = await ask(`/api/models/${name}/commits/main`);
    const log: { title: string }[] = JSON.parse(await response.text());
    assert.equal(log.length, 5);
  });

  it('keep the files of a gated repository from those who may not have them', async () => {
    const name = await repository();
    const num = await pull(name, { 'a.txt': 'secret' }, ACME);
    const json = { gated: 'manual' };
    assert.equal((await ask(`/api/models/${name}/settings`, { method: 'PUT', json })).status, 200);
    assert.equal((await details(name, num, BOLT)).diff, undefined);
    assert.match((await details(name, num)).diff, /secret/);
  });
});

describe('likes', () => {
  it('count an account once, are taken back, and are listed as far as one may see', async () => {
    const [name, hidden] = [await repository(), await repository('private')];
    const like = (repo: string, as: string, method = 'POST') =>
      ask(`/api/models/${repo}/like`, { as, method });
    await like(name, BOLT);
    assert.deepEqual((await like(name, BOLT)).body, { likes: 1, isLiked: true });
    assert.deepEqual((await like(name, ACME)).body, { likes: 2, isLiked: true });
    assert.equal((await like(hidden, BOLT)).status, 404);
    await like(hidden, ACME);
    const likesOf = async (user: string, as: string) => {
      const { response } = await ask(`/api/users/${user}/likes`, { as });
      const found: { repo: { name: string } }[] = JSON.parse(await response.text());
      return found.map(({ repo }) => repo.name).toSorted();
    };
    assert.deepEqual(await likesOf('acme', ACME), [name, hidden].toSorted());
    assert.deepEqual(await likesOf('acme', BOLT), [name]);
    assert.deepEqual(await likesOf('nobody', BOLT), []);
    const { response } = await ask(`/api/models/${name}/likers`, { as: '' });
    const likers: { user: string }[] = JSON.parse(await response.text());
    assert.deepEqual(likers.map(({ user }) => user).toSorted(), ['acme', 'bolt']);
    assert.deepEqual((await like(name, BOLT, 'DELETE')).body, { likes: 1, isLiked: false });
    assert.deepEqual((await like(name, BOLT, 'DELETE')).body, { likes: 1, isLiked: false });
  });
});

describe('collections', () => {
  const create = async (title: string, more: Record<string, unknown> = {}, as = ACME) =>
    ask('/api/collections', { as, json: { title, namespace: as.replace('ten_', ''), ...more } });
  const items = (body: Record<string, unknown>) => {
    const { items: held = [] }: { items?: { _id: string; id: string }[] } = body;
    return held;
  };

  it('hold repositories and other collections, in an order that can be changed', async () => {
    const [first, second] = [await repository(), await repository()];
    const slug = String((await create('Good models')).body['slug']);
    assert.match(slug, /^acme\/good-models-[0-9a-f]{24}$/);
    const other = String((await create('Others')).body['slug']);
    const add = (id: string, type = 'model') =>
      ask(`/api/collections/${slug}/items`, { json: { item: { id, type }, note: 'why' } });
    await add(first);
    await add(second);
    const held = await add(other, 'collection');
    assert.deepEqual(
      items(held.body).map(({ id }) => id),
      [first, second, other],
    );
    assert.equal((await add(first)).status, 409);
    assert.equal((await add('acme/nothing')).status, 404);
    const last = items(held.body).at(-1)?.['_id'] ?? '';
    await ask(`/api/collections/${slug}/items/${last}`, { method: 'PATCH', json: { position: 0 } });
    const found = await ask(`/api/collections/${slug}`, { as: '' });
    assert.deepEqual(
      items(found.body).map(({ id }) => id),
      [other, first, second],
    );
    await ask(`/api/collections/${slug}/items/${last}`, { method: 'DELETE' });
    const changed = await ask(`/api/collections/${slug}`, {
      method: 'PATCH',
      json: { title: 'Best' },
    });
    const { data }: { data?: { slug: string } } = changed.body;
    assert.match(data?.slug ?? '', /^acme\/best-/);
    assert.equal(items((await ask(`/api/collections/${slug}`)).body).length, 2);
    const query = `?owner=acme&item=models/${first}`;
    const { response } = await ask(`/api/collections${query}`, { as: BOLT });
    const listed: { slug: string }[] = JSON.parse(await response.text());
    assert.deepEqual(
      listed.map((one) => one.slug),
      [data?.slug],
    );
  });

  it('of the same title are one, whose address is told', async () => {
    const slug = (await create('Twice')).body['slug'];
    const again = await create('Twice');
    assert.deepEqual([again.status, again.body['slug']], [409, slug]);
  });

  it('show nobody what they may not see, and let nobody else change them', async () => {
    const [open, secret] = [await repository(), await repository('private')];
    const slug = String((await create('Mixed')).body['slug']);
    for (const id of [secret, open]) {
      await ask(`/api/collections/${slug}/items`, { json: { item: { id, type: 'model' } } });
    }
    const seen = await ask(`/api/collections/${slug}`, { as: BOLT });
    assert.deepEqual(
      items(seen.body).map(({ id }) => id),
      [open],
    );
    const hidden = String((await create('Hidden', { private: true })).body['slug']);
    assert.equal((await ask(`/api/collections/${hidden}`, { as: BOLT })).status, 404);
    const json = { title: 'Mine now' };
    assert.equal(
      (await ask(`/api/collections/${slug}`, { as: BOLT, method: 'PATCH', json })).status,
      403,
    );
    assert.equal(
      (await ask(`/api/collections/${hidden}`, { as: BOLT, method: 'DELETE' })).status,
      404,
    );
    const theirs = { json: { title: 'There', namespace: 'acme' }, as: BOLT };
    assert.equal((await ask('/api/collections', theirs)).status, 403);
    const found = await ask(`/api/collections?item=models/${secret}`, { as: BOLT });
    assert.deepEqual(await found.response.json(), []);
  });
});

function rawOf(latest: unknown): unknown {
  return typeof latest === 'object' && latest !== null && 'raw' in latest ? latest.raw : latest;
}
