/**
 * Unmodified clients of ModelScope against a cloud, told nothing but its address: today's modelscope_hub, and
 * modelscope 1.x, which speaks TLS only. What each uploads comes back byte by byte, and to Hugging Face's too.
 *
 * @needs python
 * @needs python_modelscope
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { promisify } from 'node:util';
import { startCloud } from './cloud.ts';
import { createHubToken } from './hub-token.ts';

const CLIENTS = join(import.meta.dirname, 'clients');
const CLIENT_TIMEOUT_MS = 120_000;
const PYTHON = process.env['TEST_PYTHON'] ?? 'python3';
const MODEL = 'flywheel/tiny';
const run = promisify(execFile);

type Sums = Readonly<Record<string, string>>;

const cloud = await startCloud({ environment: { FLYWHEEL_TRUSTED_PROXIES: '127.0.0.1' } });
const token = await createHubToken(cloud);
const folder = mkdtempSync(join(tmpdir(), 'flywheel-tls-'));
const published = readFileSync(join(import.meta.dirname, '../models/tiny/SHA256SUMS'), 'utf8');

async function see<Seen>(
  script: string,
  address: string,
  more: Record<string, string> = {},
): Promise<Seen> {
  const { stdout } = await run(PYTHON, [join(CLIENTS, script), address, token, MODEL], {
    timeout: CLIENT_TIMEOUT_MS,
    env: { ...process.env, ...more },
  });
  const seen: Seen = JSON.parse(stdout);
  return seen;
}

function assertPublished(fetched: Sums): void {
  for (const line of published.trim().split('\n')) {
    const [sha256, path = ''] = line.split(/\s+/);
    if (path in fetched) assert.equal(fetched[path], sha256);
  }
  assert.match(Object.keys(fetched).join(' '), /\.safetensors/);
}

/** By the other face of the same repository. */
async function assertResolves(repository: string, sums: Sums): Promise<void> {
  for (const [path, sha256] of Object.entries(sums)) {
    const address = `${cloud.url}/${repository}/resolve/main/${encodeURI(path)}`;
    const response = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.equal(createHash('sha256').update(bytes).digest('hex'), sha256, path);
  }
}

it('modelscope_hub signs in, fetches, makes repositories, uploads, tags, deletes', async () => {
  const seen = await see<{
    version: string;
    who: string;
    username: string;
    fetched: Sums;
    listed: readonly string[];
    exists: readonly boolean[];
    no_model: string;
    created: string;
    again: string;
    uploaded: Sums;
    back: Sums;
    tagged: Sums;
    revisions: readonly string[];
    data: Sums;
    mine: readonly string[];
    gone: boolean;
  }>('modelscope_client.py', cloud.url);

  assert.match(seen.version, /^0\./);
  assert.equal(seen.who, seen.username);
  assertPublished(seen.fetched);
  assert.deepEqual(Object.keys(seen.fetched).toSorted(), seen.listed);
  assert.deepEqual(seen.exists, [true, false]);
  assert.equal(seen.no_model, 'NotExistError');
  assert.equal(seen.created, `${seen.username}/from-modelscope`);
  assert.equal(seen.again, 'AlreadyExistsError');
  assert.deepEqual(seen.back, seen.uploaded);
  assert.deepEqual(
    Object.keys(seen.tagged),
    [...Object.keys(seen.uploaded), 'more.txt'].toSorted(),
  );
  assert.deepEqual(seen.revisions, ['main', 'master', 'v1']);
  assert.deepEqual(Object.keys(seen.data), ['table.csv']);
  assert.ok(seen.mine.includes(seen.created));
  assert.equal(seen.gone, false);
  await assertResolves(seen.created, seen.uploaded);
});

it('modelscope 1.x does so over TLS, with a certificate of our own', async () => {
  const seen = await see<{
    version: string;
    files: readonly string[];
    fetched: Sums;
    one: string;
    exists: readonly boolean[];
    uploaded: Sums;
    back: Sums;
    listed: boolean;
    mine: string;
  }>('modelscope_1_client.py', `localhost:${await startTls()}`, {
    PYTHONPATH: process.env['TEST_PYTHON_MODELSCOPE'] ?? '',
    REQUESTS_CA_BUNDLE: join(folder, 'certificate.pem'),
  });

  assert.match(seen.version, /^1\./);
  assertPublished(seen.fetched);
  assert.deepEqual(Object.keys(seen.fetched).toSorted(), seen.files);
  assert.equal(seen.one, seen.fetched['config.json']);
  assert.deepEqual(seen.exists, [true, false]);
  assert.deepEqual(seen.back, seen.uploaded);
  assert.ok(seen.listed);
  await assertResolves(seen.mine, seen.uploaded);
});

/** As a proxy in front of a cloud does it: TLS ends here, and the cloud is told so. */
async function startTls(): Promise<number> {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const curve = 'ec -pkeyopt ec_paramgen_curve:prime256v1';
  const named = '-subj /CN=localhost -addext subjectAltName=DNS:localhost -days 2';
  const asked = `req -x509 -nodes -newkey ${curve} ${named} -keyout ${key} -out ${certificate}`;
  await run('openssl', asked.split(' '));
  const options = { key: readFileSync(key), cert: readFileSync(certificate) };
  const server = createServer(options, (incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const told = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.7' };
    const onward = request(`${cloud.url}${path}`, { method, headers: { ...headers, ...told } });
    onward.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}
