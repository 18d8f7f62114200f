/**
 * Unmodified clients of Hugging Face's hub against a cloud as a newcomer starts it, told nothing but its
 * address: three generations of huggingface_hub and the package for Node. Each fetches the bundled model
 * and must have exactly its bytes; each uploads, by LFS and by Xet, and reads its own back.
 *
 * @needs clients
 * @needs python_hub
 */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startCloud, waitFor } from './cloud.ts';
import { startCountingProxy } from './counting-proxy.ts';

import { createHubToken } from './hub-token.ts';

const CLIENTS = join(import.meta.dirname, 'clients');
const CLIENT_TIMEOUT_MS = 120_000;
const PYTHON = process.env['TEST_PYTHON'] ?? 'python3';
const OLDER = (process.env['TEST_PYTHON_HUBS'] ?? '').split(':').filter((folder) => folder !== '');
const MODEL = 'flywheel/tiny';
const run = promisify(execFile);

const cloud = await startCloud();
const token = await createHubToken(cloud);
/** What the card's checksums say of the files that are imported. */
const sums = new Map(
  readFileSync(join(import.meta.dirname, '..', 'models', 'tiny', 'SHA256SUMS'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/))
    .map(([sha256 = '', path = '']) => [path, sha256] as const),
);

async function see<Seen>(
  program: string,
  script: string,
  environment: Record<string, string> = {},
  words: readonly string[] = [MODEL],
): Promise<Seen> {
  const parameters = [join(CLIENTS, script), cloud.url, token, ...words];
  const { stdout } = await run(program, parameters, {
    timeout: CLIENT_TIMEOUT_MS,
    env: { ...process.env, ...environment },
  });
  const seen: Seen = JSON.parse(stdout);
  return seen;
}

/** Every file that has a published checksum has it, and some of the weights are among them. */
function assertBytes(downloaded: Readonly<Record<string, string>>): void {
  const known = Object.entries(downloaded).filter(([path]) => sums.has(path));
  assert.deepEqual(
    Object.fromEntries(known),
    Object.fromEntries(known.map(([path]) => [path, sums.get(path)])),
  );
  assert.ok(
    known.some(([path]) => /\.(?:gguf|safetensors)$/.test(path)),
    Object.keys(downloaded).join(),
  );
}

type PythonSeen = Readonly<{
  version: string;
  who: string;
  sha: string;
  tags: boolean;
  files: readonly string[];
  sizes: Readonly<Record<string, number>>;
  paths: readonly string[];
  tree: readonly string[];
  refs: readonly string[];
  commits: boolean;
  listed: readonly string[];
  exists: readonly boolean[];
  has_file: readonly boolean[];
  folder: boolean;
  json_only: boolean;
  downloaded: Readonly<Record<string, string>>;
  no_model: string;
  no_revision: string;
  no_file: string;
}>;

for (const folder of ['', ...OLDER]) {
  describe(`huggingface_hub ${folder === '' ? 'of today' : (folder.split('/').at(-1) ?? '')}`, () => {
    it('finds, lists, describes and fetches a model, and raises its own errors', async () => {
      const environment = folder === '' ? {} : { PYTHONPATH: folder };
      const seen = await see<PythonSeen>(PYTHON, 'huggingface_client.py', environment);

      assert.match(seen.version, folder === '' ? /^2\./ : /^[01]\./);
      assert.equal(seen.who, 'user');
      assert.match(seen.sha, /^[0-9a-f]{40}$/);
      assert.ok(seen.tags);
      assert.deepEqual(Object.keys(seen.sizes).toSorted(), seen.files);
      assert.deepEqual(Object.keys(seen.downloaded).toSorted(), seen.files);
      assertBytes(seen.downloaded);
      assert.deepEqual(seen.paths, ['README.md']);
      assert.deepEqual(seen.tree, seen.files);
      assert.deepEqual(seen.refs, ['main']);
      assert.ok(seen.commits && seen.folder && seen.json_only);
      assert.ok(seen.listed.includes(MODEL));
      assert.deepEqual(seen.exists, [true, false]);
      assert.deepEqual(seen.has_file, [true, false]);
      assert.equal(seen.no_model, 'RepositoryNotFoundError');
      assert.equal(seen.no_revision, 'RevisionNotFoundError');
      assert.equal(seen.no_file, 'EntryNotFoundError');
    });
  });
}

/** Some of all: text, nothing, folders, and bytes that go by LFS. */
function writeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flywheel-upload-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'big.bin'), randomBytes(3_000_000));
  writeFileSync(join(folder, 'sub', 'w.bin'), randomBytes(500_000));
  writeFileSync(join(folder, 'README.md'), '---\nlicense: mit\n---\n# Hello\n');
  writeFileSync(join(folder, 'config.json'), '{}');
  writeFileSync(join(folder, 'empty.txt'), '');
  writeFileSync(join(folder, 'left-out.skip'), 'x');
  return folder;
}

type PythonWritten = Readonly<{
  repo: string;
  again: boolean;
  local: Readonly<Record<string, string>>;
  main: Readonly<Record<string, string>>;
  dev: readonly string[];
  copied: boolean;
  stale: number;
  branches: readonly string[];
  tags: readonly string[];
  pulls: readonly string[];
  pull: number;
  commits: readonly string[];
  gated: string;
  old_name: string;
  squashed: number;
  rows: string;
  exists: readonly boolean[];
}>;

for (const [generation, folder] of ['', ...OLDER].entries()) {
  describe(`huggingface_hub ${folder === '' ? 'of today' : (folder.split('/').at(-1) ?? '')}, writing`, () => {
    it('makes, fills, branches, moves and deletes a repository', async () => {
      const environment = folder === '' ? {} : { PYTHONPATH: folder };
      const words = [`written-${generation}`, writeFolder()];
      const seen = await see<PythonWritten>(PYTHON, 'huggingface_upload.py', environment, words);

      const { 'more.txt': more, ...uploaded } = seen.main;
      assert.deepEqual(uploaded, seen.local);
      assert.ok(more !== undefined && seen.again && seen.copied);
      assert.deepEqual(seen.dev.includes('more.txt'), false);
      assert.equal(seen.stale, 412);
      assert.deepEqual([seen.branches, seen.tags], [['dev', 'main'], ['v1']]);
      assert.deepEqual([seen.pulls, seen.pull], [['refs/pr/1'], 1]);
      assert.equal(seen.commits.at(-1), 'initial commit');
      assert.deepEqual([seen.gated, seen.old_name, seen.squashed], ['auto', seen.repo, 1]);
      assert.equal(seen.rows, '{"a": 1}\n');
      assert.deepEqual(seen.exists, [true, false]);
    });
  });
}

type CommunitySeen = Readonly<{
  version: string;
  repo: string;
  talk: readonly unknown[];
  events: readonly string[];
  hidden: readonly unknown[];
  changed: readonly string[];
  draft: string;
  diff: string;
  target: string;
  merged: readonly unknown[];
  conflicts: readonly string[];
  refused: number;
  listed: readonly (readonly unknown[])[];
  open_pulls: readonly number[];
  likes: readonly boolean[];
  collection: readonly unknown[];
  found: boolean;
  items: readonly (readonly unknown[])[];
  other: string;
  left: number;
  gone: number;
  hooks: readonly (readonly unknown[])[];
  turned: readonly boolean[];
  copied: readonly unknown[];
}>;

for (const [generation, folder] of ['', ...OLDER].entries()) {
  describe(`huggingface_hub ${folder === '' ? 'of today' : (folder.split('/').at(-1) ?? '')}, among people`, () => {
    it('talks, opens and merges pull requests, likes, collects and watches', async () => {
      const environment = folder === '' ? {} : { PYTHONPATH: folder };
      const words = [`talked-${generation}`];
      const seen = await see<CommunitySeen>(PYTHON, 'huggingface_community.py', environment, words);

      assert.deepEqual(seen.talk, ['An answer', 'closed', true]);
      const expected = ['comment', 'comment', 'title-change', 'comment', 'status-change'];
      assert.deepEqual([seen.events, seen.hidden], [expected, [true, '']]);
      assert.deepEqual([seen.changed, seen.draft], [['An answer', 'closed'], 'draft']);
      assert.match(seen.diff, /^diff --git a\/notes\.txt b\/notes\.txt\n[^]*-one\n\+two\n$/);
      assert.deepEqual([seen.target, seen.merged], ['refs/heads/main', ['merged', true]]);
      assert.deepEqual([seen.conflicts, seen.refused], [['notes.txt'], 409]);
      const [talk, merged] = [
        [1, 'closed', false],
        [2, 'merged', true],
      ];
      assert.deepEqual([seen.listed, seen.open_pulls], [[[3, 'open', true], merged, talk], [3]]);
      assert.deepEqual(seen.likes, [true, true, true]);
      assert.deepEqual(seen.collection, [true, `From talked-${generation}`, 'green']);
      const held = [
        ['collection', seen.other, null],
        ['model', seen.repo, 'First'],
      ];
      assert.deepEqual([seen.found, seen.items], [true, held]);
      assert.deepEqual([seen.left, seen.gone], [1, 404]);
      assert.deepEqual(seen.hooks, [['https://example.com/other', ['discussion'], seen.repo]]);
      assert.deepEqual(seen.turned, [true, true]);
      const large = /^[12]\./.test(seen.version) ? ['w.bin'] : [];
      assert.deepEqual(seen.copied, [true, large]);
    });
  });
}

type XetSeen = Readonly<{
  version: string;
  repo: string;
  local: Readonly<Record<string, string>>;
  back: Readonly<Record<string, string>>;
  hash: string;
}>;

/** A base of some chunks, and a derivative that shares most of them. */
function writeFamily(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flywheel-family-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const base = randomBytes(4_000_000);
  const derived = Buffer.from(base);
  randomBytes(100_000).copy(derived, 2_000_000);
  writeFileSync(join(folder, 'base.bin'), base);
  writeFileSync(join(folder, 'derived.bin'), derived);
  writeFileSync(join(folder, 'README.md'), '# A family\n');
  return folder;
}

for (const [generation, older] of ['', ...OLDER.filter((path) => path.endsWith('1'))].entries()) {
  describe(`hf-xet under huggingface_hub ${older === '' ? 'of today' : '1.x'}`, () => {
    it('uploads in chunks, and every other way gives the same bytes back', async () => {
      const folder = writeFamily();
      const words = [`operator/by-xet-${generation}`, folder];
      const environment = older === '' ? {} : { PYTHONPATH: older };
      const seen = await see<XetSeen>(PYTHON, 'huggingface_xet.py', environment, words);

      assert.deepEqual(seen.back, seen.local);
      assert.match(seen.hash, /^[0-9a-f]{64}$/, 'the hub keeps it as Xet does');
      for (const [path, sha256] of Object.entries(seen.local)) {
        const plain = await fetch(`${cloud.url}/${seen.repo}/resolve/main/${path}`, {
          headers: { authorization: `Bearer ${token}` },
        });
        const bytes = Buffer.from(await plain.arrayBuffer());
        assert.equal(createHash('sha256').update(bytes).digest('hex'), sha256, path);
      }
    });
  });
}

describe('an upload that is killed', () => {
  it('and taken up again sends less than one part in a hundred twice', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'flywheel-large-'));
    after(() => rmSync(folder, { recursive: true, force: true }));
    const fileBytes = 40_000;
    const count = 300;
    for (let index = 0; index < count; index += 1) {
      writeFileSync(join(folder, `part-${index}.bin`), randomBytes(fileBytes));
    }
    const proxy = await startCountingProxy(cloud.url);
    const parameters = [
      join(CLIENTS, 'huggingface_large_folder.py'),
      proxy.url,
      token,
      'operator/resumed',
      folder,
    ];
    const first = spawn(PYTHON, parameters, { stdio: 'ignore' });
    const ended = new Promise((resolve) => first.once('exit', resolve));
    const half = (fileBytes * count) / 2;
    await waitFor('half of the bytes', CLIENT_TIMEOUT_MS, () => proxy.putBytes() > half);
    first.kill('SIGKILL');
    await ended;
    const { stdout } = await run(PYTHON, parameters, { timeout: CLIENT_TIMEOUT_MS });

    assert.equal(Number(stdout.trim().split('\n').at(-1)), count);
    const twiceBytes = proxy.putBytes() - fileBytes * count;
    assert.ok(twiceBytes < (fileBytes * count) / 100, `${twiceBytes} bytes were sent twice`);
  });
});

describe('@huggingface/hub', () => {
  it('finds, lists and fetches a model', async () => {
    const seen = await see<{
      who: string;
      sha: string;
      files: readonly { path: string; size: number }[];
      listed: readonly string[];
      downloaded: Readonly<Record<string, string>>;
      hasFile: readonly boolean[];
      noModel: number;
    }>(process.execPath, 'huggingface-client.mjs');

    assert.equal(seen.who, 'user');
    assert.match(seen.sha, /^[0-9a-f]{40}$/);
    assert.ok(seen.listed.includes(MODEL));
    assertBytes(seen.downloaded);
    assert.deepEqual(seen.hasFile, [true, false]);
    assert.equal(seen.noModel, 404);
  });

  it('makes a repository, fills it and reads it back', async () => {
    const seen = await see<{
      url: string;
      again: number;
      oid: string;
      files: readonly string[];
      same: boolean;
    }>(process.execPath, 'huggingface-upload.mjs', {}, ['operator/written-by-node']);

    assert.equal(seen.url, `${cloud.url}/operator/written-by-node`);
    assert.match(seen.oid, /^[0-9a-f]{40}$/);
    assert.deepEqual(seen.files, ['.gitattributes', 'README.md', 'big.bin', 'small.txt']);
    assert.deepEqual([seen.again, seen.same], [409, true]);
  });
});

describe('curl, and llama.cpp in its way', () => {
  it('reads refs, the tree without pages, and goes on where it was cut', async () => {
    const refs: { branches: { targetCommit: string }[] } = JSON.parse(
      await (await fetch(`${cloud.url}/api/models/${MODEL}/refs`)).text(),
    );
    const commit = refs.branches[0]?.targetCommit ?? '';
    const tree: { path: string; size: number; oid: string }[] = JSON.parse(
      await (await fetch(`${cloud.url}/api/models/${MODEL}/tree/${commit}?recursive=true`)).text(),
    );
    const weights = tree.find(({ path }) => path.endsWith('.gguf'));
    assert.match(weights?.oid ?? '', /^[0-9a-f]{40}$/);
    const url = `${cloud.url}/${MODEL}/resolve/${commit}/${weights?.path}`;
    const half = Math.floor((weights?.size ?? 0) / 2);
    const { stdout } = await run(
      'bash',
      ['-c', `(curl -sf -r 0-${half - 1} "$1"; curl -sf -r ${half}- "$1") | sha256sum`, '-', url],
      { timeout: CLIENT_TIMEOUT_MS },
    );
    assert.equal(stdout.split(' ')[0], sums.get(weights?.path ?? ''));
  });
});
