/** Files to a repository and back by `flywheel hub`, against a whole cloud; stopped in the middle and gone on with. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runCli } from '#cli/cli-fixture.ts';
import { startCloud } from './cloud.ts';
import { startCountingProxy } from './counting-proxy.ts';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-hub-cli-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const cloud = await startCloud();
const proxy = await startCountingProxy(cloud.url);
const environment = { FLYWHEEL_HOME: cloud.home };

const flywheel = (...argv: string[]) => runCli(argv, { environment });

async function json(...argv: string[]) {
  const { code, out, notes } = await flywheel(...argv, '--json');
  assert.equal(code, 0, notes);
  return JSON.parse(out);
}

function writeAll(name: string, files: Readonly<Record<string, string | Buffer>>): string {
  const root = join(folder, name);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

function readAll(root: string): Map<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => [
      join(parentPath, name).slice(root.length + 1),
      readFileSync(join(parentPath, name)).toString('base64'),
    ]),
  );
}

const big = randomBytes(3_000_000);

describe('files by the command line', () => {
  const source = writeAll('first', {
    'README.md': '---\nlicense: mit\n---\n\nHello.\n',
    'deep/ü 中文.txt': 'text',
    'weights.bin': big,
    'empty.txt': '',
    '.git/config': 'not ours',
  });

  it('come back as they went, and go once', async () => {
    const sent = await json('hub', 'upload', 'operator/first', source, '--message', 'First');
    assert.match(sent.commit, /^[0-9a-f]{40}$/);
    const again = await json('hub', 'upload', 'operator/first', source);
    assert.equal(again.commit, null);

    const to = join(folder, 'back');
    const fetched = await json('hub', 'download', 'operator/first', '--to', to);
    assert.equal(fetched.commit, sent.commit);
    const back = readAll(to);
    back.delete('.gitattributes');
    const went = readAll(source);
    went.delete('.git/config');
    assert.deepEqual(back, went);
    const { data } = await json('hub', 'history', 'operator/first');
    assert.equal(data[0].title, 'First');
  });

  it('are chosen by pattern, found in a revision, and kept where they are whole', async () => {
    const to = join(folder, 'some');
    const one = await json('hub', 'download', 'operator/first', '*.bin', '--to', to);
    assert.deepEqual(one.files, [join(to, 'weights.bin')]);
    const again = await json('hub', 'download', 'operator/first', '*.bin', '--to', to);
    assert.equal(again.kept, 1);
    writeFileSync(join(to, 'weights.bin'), Buffer.alloc(big.length));
    const mended = await json('hub', 'download', 'operator/first', '*.bin', '--to', to);
    assert.equal(mended.kept, 0);
    assert.ok(readFileSync(join(to, 'weights.bin')).equals(big));

    const changed = writeAll('second', { 'notes/one.txt': 'new' });
    const file = join(changed, 'notes', 'one.txt');
    await json('hub', 'upload', 'operator/first', file, 'other/two.txt', '--create-pr');
    const { data } = await json('hub', 'files', 'operator/first', '--revision', 'refs/pr/1');
    assert.ok(data.some(({ path }: { path: string }) => path === 'other/two.txt'));
    const main = await flywheel('hub', 'download', 'operator/first', 'other/two.txt');
    assert.equal(main.code, 3);
    assert.match(main.notes, /No file of operator\/first fits/);
  });

  it('go on where a part of them is here already', async () => {
    const to = join(folder, 'part');
    const { data } = await json('hub', 'files', 'operator/first');
    const entry = data.find(({ path }: { path: string }) => path === 'weights.bin');
    mkdirSync(to);
    const part = join(to, `weights.bin.${entry.lfs.oid.slice(0, 12)}.part`);
    writeFileSync(part, big.subarray(0, 1_000_000));
    await json('hub', 'download', 'operator/first', 'weights.bin', '--to', to);
    assert.ok(readFileSync(join(to, 'weights.bin')).equals(big));
    assert.deepEqual(readdirSync(to), ['weights.bin']);
    writeFileSync(part, Buffer.alloc(1_000_000));
    rmSync(join(to, 'weights.bin'));
    const damaged = await flywheel('hub', 'download', 'operator/first', 'weights.bin', '--to', to);
    assert.equal(damaged.code, 1);
    assert.match(damaged.notes, /download\.damaged/);
    assert.deepEqual(readdirSync(to), []);
  });
});

describe('an upload that is stopped in the middle', () => {
  it('goes on, and sends less than one percent again', async () => {
    const each = 48 * 1024;
    const files = Object.fromEntries(
      Array.from({ length: 400 }, (_, index) => [`part-${index}.bin`, randomBytes(each)]),
    );
    const source = writeAll('many', files);
    const total = each * 400;
    const asked = [
      'hub',
      'upload',
      'operator/many',
      source,
      '--url',
      proxy.url,
      '--key',
      cloud.apiKey,
    ];
    let interrupt = (): void => {};
    const timer = setInterval(() => {
      if (proxy.putBytes() > total / 3) interrupt();
    }, 2);
    const stopped = await runCli(asked, { environment, onNotes: (_, stop) => (interrupt = stop) });
    clearInterval(timer);
    assert.equal(stopped.code, 130, stopped.notes);
    const before = proxy.putBytes();
    assert.ok(before < total, `${before} of ${total}`);
    assert.deepEqual((await json('hub', 'files', 'operator/many')).data, []);

    const { code, notes } = await runCli(asked, { environment });
    assert.equal(code, 0, notes);
    const again = proxy.putBytes() - total;
    assert.ok(again < total / 100, `${again} of ${total} went twice`);
    const { data } = await json('hub', 'files', 'operator/many');
    assert.equal(data.filter(({ path }: { path: string }) => path.endsWith('.bin')).length, 400);
  });
});
