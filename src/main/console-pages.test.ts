import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { chooseEncoding, createCompressedFiles } from './compressed-files.ts';
import { createConsolePages } from './console-pages.ts';

const folder = await mkdtemp(join(tmpdir(), 'flywheel-pages-'));
after(() => rm(folder, { recursive: true, force: true }));

const SCRIPT = 'export const wheel = 1;\n'.repeat(200);
const PAGE = `<title>page</title>${'<p>text</p>'.repeat(100)}`;

const dist = join(folder, 'dist');
await mkdir(join(dist, 'assets'), { recursive: true });
await writeFile(join(dist, 'index.html'), PAGE);
await writeFile(join(dist, 'assets', 'main-1a2b.js'), SCRIPT);
await writeFile(join(dist, 'assets', 'short-1a2b.js'), 'code');
await writeFile(join(dist, 'assets', 'picture-1a2b.png'), Buffer.alloc(4000));
await writeFile(join(folder, 'secret.txt'), 'secret');
const app = createConsolePages(dist);

async function get(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') {
  const response = await app.request(path, { headers, method });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, bytes, text: bytes.toString(), headers: response.headers };
}

describe('the console pages', () => {
  it('serve files, the page for every other path, and nothing outside', async () => {
    const page = await get('/models/op/tiny');
    const asset = await get('/assets/main-1a2b.js');

    assert.equal(page.text, PAGE);
    assert.equal(page.headers.get('cache-control'), 'no-cache');
    assert.match(page.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
    assert.equal(asset.text, SCRIPT);
    assert.equal(asset.headers.get('content-type'), 'text/javascript; charset=utf-8');
    assert.match(asset.headers.get('cache-control') ?? '', /immutable/);
    assert.equal((await get('/assets/gone-1a2b.js')).status, 404);
    assert.equal((await get('/cloud/v1/none')).status, 404);
    for (const path of ['/..%2fsecret.txt', '/%2e%2e/secret.txt', '/%00', '/%E0%A4%A']) {
      assert.doesNotMatch((await get(path)).text, /^secret/);
    }
  });

  it('allow no style or script that is not a file of theirs', async () => {
    const policy = (await get('/')).headers.get('content-security-policy') ?? '';

    assert.match(policy, /style-src 'self';/);
    assert.doesNotMatch(policy, /unsafe/);
  });

  it('send texts in the smallest form that the reader takes', async () => {
    const path = '/assets/main-1a2b.js';
    const small = await get(path, { 'accept-encoding': 'gzip, deflate, br' });
    const zipped = await get(path, { 'accept-encoding': 'gzip' });
    const head = await get(path, { 'accept-encoding': 'br' }, 'HEAD');

    assert.equal(small.headers.get('content-encoding'), 'br');
    assert.equal(brotliDecompressSync(small.bytes).toString(), SCRIPT);
    assert.equal(zipped.headers.get('content-encoding'), 'gzip');
    assert.equal(gunzipSync(zipped.bytes).toString(), SCRIPT);
    for (const answer of [small, zipped]) {
      assert.equal(answer.headers.get('content-length'), String(answer.bytes.length));
      assert.equal(answer.headers.get('vary'), 'accept-encoding');
      assert.equal(answer.headers.get('content-type'), 'text/javascript; charset=utf-8');
    }
    assert.equal(head.bytes.length, 0);
    assert.equal(head.headers.get('content-length'), small.headers.get('content-length'));
  });

  it('leave as it is what would not become smaller', async () => {
    const all = { 'accept-encoding': 'br, gzip' };
    for (const path of ['/assets/short-1a2b.js', '/assets/picture-1a2b.png']) {
      assert.equal((await get(path, all)).headers.get('content-encoding'), null, path);
    }
    assert.equal((await get('/assets/picture-1a2b.png', all)).headers.get('vary'), null);
  });

  it('are not sent again to who has them, each form with a tag of its own', async () => {
    const tags = new Set<string>();
    for (const encoding of ['br', 'gzip', 'identity']) {
      const asked = { 'accept-encoding': encoding };
      const tag = (await get('/', asked)).headers.get('etag') ?? '';
      tags.add(tag);
      for (const known of [tag, `W/${tag}`, `"other", ${tag}`]) {
        const again = await get('/', { ...asked, 'if-none-match': known });
        assert.deepEqual([again.status, again.bytes.length], [304, 0]);
        assert.equal(again.headers.get('cache-control'), 'no-cache');
      }
      assert.equal((await get('/', { ...asked, 'if-none-match': '"other"' })).status, 200);
    }
    assert.equal(tags.size, 3);
  });

  it('say that the console is being built until it is', async () => {
    const response = await createConsolePages(join(folder, 'nothing')).request('/');

    assert.equal(response.status, 503);
    assert.match(await response.text(), /being built/);
  });
});

const brotliSize = Number(
  (await get('/assets/main-1a2b.js', { 'accept-encoding': 'br' })).headers.get('content-length'),
);

describe('compressed files', () => {
  const file = (name: string, tag = '1') => ({
    path: join(dist, 'assets', name),
    sizeBytes: SCRIPT.length,
    tag,
  });

  it('are made once for all who ask, and anew for other content', async () => {
    const files = createCompressedFiles();

    const [one, two] = await Promise.all([
      files.read(file('main-1a2b.js'), 'br'),
      files.read(file('main-1a2b.js'), 'br'),
    ]);
    const third = await files.read(file('main-1a2b.js'), 'br');
    const changed = await files.read(file('main-1a2b.js', '2'), 'br');

    assert.ok(one !== null && one === two && one === third);
    assert.notEqual(changed, one);
  });

  it('make room for one another', async () => {
    await writeFile(join(dist, 'assets', 'second.js'), SCRIPT);
    const files = createCompressedFiles(1.5 * brotliSize);
    const first = await files.read(file('main-1a2b.js'), 'br');

    const second = await files.read(file('second.js'), 'br');

    assert.equal(await files.read(file('second.js'), 'br'), second);
    assert.notEqual(await files.read(file('main-1a2b.js'), 'br'), first);
  });
});

describe('the choice of an encoding', () => {
  for (const [accept, expected] of [
    [undefined, null],
    ['', null],
    ['identity', null],
    ['gzip, deflate', 'gzip'],
    ['gzip, br;q=0.5', 'br'],
    ['br;q=0, gzip', 'gzip'],
    ['*', 'br'],
    ['*;q=0', null],
    ['GZIP;Q=1', 'gzip'],
  ] as const) {
    it(`is ${expected ?? 'none'} for ${accept === undefined ? 'no wish' : `"${accept}"`}`, () => {
      assert.equal(chooseEncoding(accept), expected);
    });
  }
});
