/**
 * The system's git and git-lfs, unmodified, against a served hub.
 *
 * @needs git_lfs
 */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../../test/database.ts';
import { git, gitOk } from '../../../test/git-program.ts';
import { tinyGguf } from '../../../test/tiny-gguf.ts';
import {
  ACME,
  BOLT,
  OPERATOR,
  createHubWorld,
  importModel,
  until,
  writeFolder,
} from '../hub-fixture.ts';
import { READER, large, put, sha256Of } from '../huggingface/writing-fixture.ts';
import { serveGit, writeFiles } from './git-fixture.ts';

const world = await createHubWorld(await createTestDatabase());
const hub = await serveGit(world);
const { ask, commit, upload, read, clone, addressOf } = hub;

const create = (name: string, visibility = 'private'): Promise<unknown> => {
  const [organization = '', plain = ''] = name.split('/');
  return ask('/api/repos/create', { json: { name: plain, organization, visibility } });
};
const headOf = async (name: string, as = ACME): Promise<string> =>
  String((await ask(`/api/models/${name}`, { as })).body['sha']);
const commitAll = async (folder: string, message: string): Promise<string> => {
  await gitOk(folder, 'add', '-A');
  await gitOk(folder, 'commit', '-q', '-m', message);
  return gitOk(folder, 'rev-parse', 'HEAD');
};
const refused = async (folder: string, ...words: readonly string[]): Promise<string> => {
  const { code, said } = await git(folder, ['push', ...words], { GIT_LFS_SKIP_PUSH: '1' });
  assert.notEqual(code, 0, said);
  return said;
};

const WEIGHTS = tinyGguf({ seed: 3 });
await create('acme/first', 'public');
const oid = await upload('acme/first', WEIGHTS);
await commit('acme/first', [
  put('README.md', '# First\n'),
  put('sub/空.txt', '你好\n'),
  large('m.gguf', oid, WEIGHTS.length),
]);

describe('git clone', () => {
  it('brings what the API made, by the same ids, with large files in place', async () => {
    const folder = await clone('acme/first', '');

    assert.equal(await gitOk(folder, 'rev-parse', 'HEAD'), await headOf('acme/first'));
    assert.equal(readFileSync(join(folder, 'README.md'), 'utf8'), '# First\n');
    assert.equal(readFileSync(join(folder, 'sub/空.txt'), 'utf8'), '你好\n');
    assert.ok(readFileSync(join(folder, 'm.gguf')).equals(WEIGHTS));
    assert.equal(await gitOk(folder, 'status', '--porcelain'), '');
    assert.equal(
      await gitOk(folder, 'log', '--format=%s|%an'),
      'A commit|acme\ninitial commit|acme',
    );
    await gitOk(folder, 'fsck', '--strict');
    const { response } = await ask('/api/models/acme/first/tree/main?recursive=true');
    const entries: { path: string; oid: string; lfs?: { oid: string } }[] = JSON.parse(
      await response.text(),
    );
    for (const entry of entries) {
      assert.equal(entry.oid, await gitOk(folder, 'rev-parse', `HEAD:${entry.path}`), entry.path);
    }
    assert.deepEqual(
      entries.flatMap(({ path, lfs }) => (lfs === undefined ? [] : [[path, lfs.oid]])),
      [['m.gguf', oid]],
    );
  });

  it('of an import tells LFS what it has to know, and goes on by commits with ids of their own', async () => {
    const source = await writeFolder(world, {
      'README.md': '# Imported\n',
      'weights.gguf': WEIGHTS,
    });
    const made = await importModel(world.hub, { modelName: 'flow/imported', source }, OPERATOR);
    assert.equal(made.state, 'succeeded', JSON.stringify(made.error));
    const name = 'flow/imported';
    const folder = await clone(name, OPERATOR);

    assert.ok(readFileSync(join(folder, 'weights.gguf')).equals(WEIGHTS));
    assert.match(readFileSync(join(folder, '.gitattributes'), 'utf8'), /^\*\.gguf filter=lfs/);
    assert.notEqual(await gitOk(folder, 'rev-parse', 'HEAD'), await headOf(name, OPERATOR));
    assert.equal(await gitOk(folder, 'status', '--porcelain'), '');
    writeFiles(folder, { 'README.md': '# Imported, and more\n' });
    const pushed = await commitAll(folder, 'More');
    await gitOk(folder, 'push', '-q');
    assert.equal(await headOf(name, OPERATOR), pushed);
  });
});

describe('git push', () => {
  it('makes revisions with the very same ids, small files and large ones, byte by byte', async () => {
    await create('acme/pushed');
    const folder = await clone('acme/pushed');
    const bytes = Buffer.alloc(3_000_000, 'large');
    await gitOk(folder, 'lfs', 'track', '*.bin');
    writeFiles(folder, { 'model.bin': bytes, 'README.md': 'hello\n', 'a/run.sh': '#!/bin/sh\n' });
    chmodSync(join(folder, 'a/run.sh'), 0o755);
    await commitAll(folder, 'One\n\nWith a body.');
    writeFiles(folder, { 'README.md': 'hello again\n' });
    const second = await commitAll(folder, 'Two');
    await gitOk(folder, 'push', '-q', 'origin', 'HEAD:main');

    assert.equal(await headOf('acme/pushed'), second);
    assert.ok(bytes.equals(Buffer.from(await read('/acme/pushed/resolve/main/model.bin'))));
    assert.equal(
      Buffer.from(await read('/acme/pushed/resolve/main/README.md')).toString(),
      'hello again\n',
    );
    const first = await gitOk(folder, 'rev-parse', 'HEAD~1');
    assert.equal(
      Buffer.from(await read(`/acme/pushed/resolve/${first}/README.md`)).toString(),
      'hello\n',
    );
    const { response } = await ask('/api/models/acme/pushed/commits/main');
    const log: { title: string; authors: { user: string }[] }[] = JSON.parse(await response.text());
    assert.deepEqual(
      log.map(({ title, authors }) => [title, authors[0]?.user]),
      [
        ['Two', 'Ann Zhang'],
        ['One', 'Ann Zhang'],
        ['initial commit', 'acme'],
      ],
    );
    // A mirror that is lost is made anew, and says the same.
    rmSync(join(world.folder, 'git'), { recursive: true, force: true });
    const again = await clone('acme/pushed');
    assert.equal(await gitOk(again, 'rev-parse', 'HEAD'), second);
    assert.ok((statSync(join(again, 'a/run.sh')).mode & 0o100) !== 0);
  });

  it('moves branches, tags and what was merged, and the API and other clones see it', async () => {
    await create('acme/refs');
    const folder = await clone('acme/refs');
    await gitOk(folder, 'switch', '-q', '-c', 'side');
    writeFiles(folder, { 'side.txt': 'side\n' });
    await commitAll(folder, 'Side');
    await gitOk(folder, 'switch', '-q', 'main');
    writeFiles(folder, { 'main.txt': 'main\n' });
    await commitAll(folder, 'Main');
    await gitOk(folder, 'merge', '-q', '--no-ff', '-m', 'Merge side', 'side');
    await gitOk(folder, 'tag', '-a', 'v1', '-m', 'The first');
    await gitOk(folder, 'tag', 'light');
    await gitOk(folder, 'push', '-q', '--atomic', 'origin', 'main', 'side', 'v1', 'light');

    const merged = await gitOk(folder, 'rev-parse', 'main');
    assert.equal(await headOf('acme/refs'), merged);
    const other = await clone('acme/refs');
    assert.equal(await gitOk(other, 'rev-parse', 'v1'), await gitOk(folder, 'rev-parse', 'v1'));
    assert.equal(await gitOk(other, 'rev-list', '--count', 'main'), '4');
    assert.equal(Buffer.from(await read('/acme/refs/resolve/v1/side.txt')).toString(), 'side\n');
    // Forward, backward and away, as the API lets branches go.
    await gitOk(folder, 'push', '-q', '--force', 'origin', 'side~1:side');
    await gitOk(folder, 'push', '-q', 'origin', ':light', ':side');
    const { body } = await ask('/api/models/acme/refs/refs');
    assert.match(JSON.stringify(body), /"refs\/tags\/v1"/);
    assert.doesNotMatch(JSON.stringify(body), /side|light/);
  });

  it('fetches the branch of a pull request and adds to it', async () => {
    await create('acme/pulls');
    await commit('acme/pulls', [put('a.txt', 'a')]);
    await commit('acme/pulls', [put('b.txt', 'b')], { query: '?create_pr=1', summary: 'Add b' });
    const folder = await clone('acme/pulls');
    await gitOk(folder, 'fetch', '-q', 'origin', 'refs/pr/1:pr/1');
    await gitOk(folder, 'switch', '-q', 'pr/1');
    assert.equal(readFileSync(join(folder, 'b.txt'), 'utf8'), 'b');
    writeFiles(folder, { 'b.txt': 'better\n' });
    await commitAll(folder, 'Better');
    await gitOk(folder, 'push', '-q', 'origin', 'pr/1:refs/pr/1');
    assert.equal(
      Buffer.from(await read('/acme/pulls/resolve/refs%2Fpr%2F1/b.txt')).toString(),
      'better\n',
    );
    assert.match(
      await refused(folder, 'origin', 'pr/1:refs/pr/9'),
      /remote: Pull requests are opened/,
    );
  });
});

describe('a push that is refused', () => {
  it('says why at the terminal, and leaves nothing', async () => {
    await create('acme/strict');
    await commit('acme/strict', [put('Name.txt', 'x')]);
    const before = await headOf('acme/strict');
    const tries: readonly [RegExp, (folder: string) => Promise<void> | void][] = [
      [
        /remote: "link" is a symbolic link/,
        (folder) => symlinkSync('/etc/passwd', join(folder, 'link')),
      ],
      [
        /remote: "big.txt" has 1048577 bytes; files over 1 MiB go by LFS/,
        (folder) => writeFiles(folder, { 'big.txt': 'x'.repeat(1024 * 1024 + 1) }),
      ],
      [
        /remote: .*differs from another by case only/,
        (folder) => writeFiles(folder, { 'name.txt': 'y' }),
      ],
      [
        /remote: .*is not a plain relative path/,
        (folder) => writeFiles(folder, { 'a:b.txt': 'y' }),
      ],
      [
        /remote: "sub" is a submodule/,
        async (folder) => {
          const head = await gitOk(folder, 'rev-parse', 'HEAD');
          await gitOk(folder, 'update-index', '--add', '--cacheinfo', `160000,${head},sub`);
        },
      ],
      [
        /remote: The bytes of "p.bin" are not here/,
        (folder) =>
          writeFiles(folder, {
            'p.bin': `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256Of(Buffer.from('never sent'))}\nsize 10\n`,
          }),
      ],
    ];
    for (const [expected, make] of tries) {
      const folder = await clone('acme/strict');
      await make(folder);
      if (!existsSync(join(folder, '.git', 'modules'))) await gitOk(folder, 'add', '--', ':!sub');
      await gitOk(folder, 'commit', '-q', '-m', 'Bad');
      assert.match(await refused(folder, 'origin', 'main'), expected);
      assert.equal(await headOf('acme/strict'), before);
    }
    const folder = await clone('acme/strict');
    assert.match(await refused(folder, 'origin', ':main'), /remote: The branch main stays/);
    await gitOk(folder, 'commit', '-q', '--amend', '-m', 'Another past');
    assert.match(
      await refused(folder, '--force', 'origin', 'main'),
      /remote: refs\/heads\/main only goes forward/,
    );
    assert.match(
      await refused(folder, 'origin', 'main:master'),
      /remote: The branch is called main here/,
    );
    assert.match(
      await refused(folder, 'origin', 'main:refs/notes/x'),
      /remote: .* is no branch, tag or pull request/,
    );
  });

  it('of two that race one is taken, and the other says to fetch', async () => {
    await create('acme/race');
    const folders = [await clone('acme/race'), await clone('acme/race')];
    for (const [index, folder] of folders.entries()) {
      writeFiles(folder, { [`${index}.txt`]: `${index}\n` });
      await commitAll(folder, `Number ${index}`);
    }
    const ends = await Promise.all(
      folders.map((folder) => git(folder, ['push', 'origin', 'main'])),
    );
    assert.deepEqual(
      ends.map(({ code }) => code).toSorted((a, b) => (a ?? 9) - (b ?? 9)),
      [0, 1],
      JSON.stringify(ends),
    );
    assert.match(ends.find(({ code }) => code === 1)?.said ?? '', /fetch first/);
    const [winner = ''] = folders.filter((_, index) => ends[index]?.code === 0);
    assert.equal(await headOf('acme/race'), await gitOk(winner, 'rev-parse', 'HEAD'));
  });
});

describe('the door of git', () => {
  it('asks a stranger for a token, whether there is something or not', async () => {
    await create('acme/secret');
    const folder = hub.home;
    const said = async (name: string, as: string) =>
      (await git(folder, ['ls-remote', addressOf(name, as)])).said;
    const without = (text: string) => text.replaceAll(/acme\/\w+/g, '');
    for (const as of ['', BOLT, 'wrong']) {
      const secret = await said('acme/secret', as);
      assert.match(
        secret,
        as === BOLT ? /There is no model/ : /could not read Username|Authentication failed/,
      );
      assert.equal(without(secret), without(await said('acme/nothing', as)), as);
    }
    const batch = (name: string) =>
      ask(`/${name}.git/info/lfs/objects/batch`, {
        as: '',
        json: { operation: 'download', objects: [] },
      });
    assert.equal((await batch('acme/secret')).status, 401);
    assert.deepEqual((await batch('acme/secret')).body, (await batch('acme/nothing')).body);
  });

  it('lets a reader clone and not push', async () => {
    const folder = await clone('acme/first', READER);
    writeFiles(folder, { 'x.txt': 'x\n' });
    await commitAll(folder, 'No');
    assert.match(await refused(folder, 'origin', 'main'), /403|You may read/);
    const bolt = await clone('acme/first', BOLT);
    appendFileSync(join(bolt, 'README.md'), 'mine');
    await commitAll(bolt, 'No');
    assert.match(await refused(bolt, 'origin', 'main'), /403|You may read/);
  });

  it('takes nothing from who does not speak git, or too much of it', async () => {
    const post = async (path: string, body: Uint8Array | string, headers = {}) => {
      const { status, response } = await ask(`/acme/first.git/${path}`, { body, headers });
      return [status, await response.text()] as const;
    };
    for (const body of ['zzzz', '0003', 'ffff', '00', '0010not a command', 'x'.repeat(100_000)]) {
      const [status, text] = await post('git-receive-pack', body);
      assert.deepEqual([status, /git/.test(text)], [400, true], body.slice(0, 20));
    }
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const packed = { 'content-encoding': 'gzip' };
    const [, said] = await post('git-upload-pack', bomb, packed).catch(
      (error: Error) => [0, error.message] as const,
    );
    assert.doesNotMatch(said, /PACK/);
    assert.equal((await post('git-receive-pack', 'not gzip', packed))[0], 400);
    // A pack that is cut short, and one of other bytes.
    const head = await headOf('acme/first');
    const line = `${head} ${'1'.repeat(40)} refs/heads/main\0report-status side-band-64k`;
    const command = `${(line.length + 4).toString(16).padStart(4, '0')}${line}0000`;
    for (const pack of ['PACK\0\0\0\x02\0\0\0\x01', 'PACK', 'nonsense', '']) {
      const [status, text] = await post('git-receive-pack', command + pack);
      assert.equal(status, 200);
      assert.match(text, /git takes no such objects/);
      assert.match(text, /ng refs\/heads\/main nothing of this push was taken/);
    }
    assert.equal(await headOf('acme/first'), head);
    assert.deepEqual(readdirSync(join(world.folder, 'git', 'incoming')), []);
    assert.equal((await ask('/acme/first.git/info/refs')).status, 400);
  });

  it('loses a push whose sender is killed, and keeps nothing of it', async () => {
    await create('acme/killed');
    const before = await headOf('acme/killed');
    const line = `${before} ${'2'.repeat(40)} refs/heads/main\0report-status`;
    const command = `${(line.length + 4).toString(16).padStart(4, '0')}${line}0000PACK\0\0\0\x02`;
    const leaving = new AbortController();
    const sent = Promise.withResolvers<void>();
    const body = ReadableStream.from(
      (async function* () {
        yield Buffer.from(command);
        sent.resolve();
        await new Promise((resolve) => leaving.signal.addEventListener('abort', resolve));
        yield Buffer.from('x');
      })(),
    );
    const authorization = `Basic ${Buffer.from(`x:${ACME}`).toString('base64')}`;
    const going = fetch(`${hub.origin}/acme/killed.git/git-receive-pack`, {
      method: 'POST',
      headers: { authorization },
      body,
      duplex: 'half',
      signal: leaving.signal,
    });
    await sent.promise;
    const incoming = () => readdirSync(join(world.folder, 'git', 'incoming'));
    await until(
      async () => incoming().length,
      (count) => count === 1,
    );
    leaving.abort();
    await assert.rejects(going);
    await until(
      async () => incoming().length,
      (count) => count === 0,
    );
    assert.equal(await headOf('acme/killed'), before);
  });

  it('says so where there is no git, and all else works', async () => {
    const without = await serveGit(world, world.createHub({ gitProgram: '/nowhere/git' }));
    rmSync(join(world.folder, 'git'), { recursive: true, force: true });
    const { code, said } = await git(without.home, [
      'ls-remote',
      without.addressOf('acme/first', ''),
    ]);
    assert.notEqual(code, 0);
    assert.match(said, /remote: This cloud has no git on the machine of control/);
    assert.equal((await without.read('/acme/first/resolve/main/README.md')).length, 8);
    const made = await without.commit('acme/first', [put('more.txt', 'more\n')]);
    assert.equal(made.status, 200);
    const folder = await clone('acme/first', '');
    assert.equal(await gitOk(folder, 'rev-parse', 'HEAD'), made.body['commitOid']);
  });
});
