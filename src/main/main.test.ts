import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createChildOutput } from './child-output.ts';
import { probePort } from './front-port.ts';
import { lockHome } from './home-lock.ts';
import { ensureSecrets } from './home.ts';
import { openLogFile } from './log-file.ts';
import { VERSION } from './options.ts';
import { bannerLines } from './terminal.ts';

const folder = await mkdtemp(join(tmpdir(), 'flywheel-main-'));
after(() => rm(folder, { recursive: true, force: true }));

describe('the version', () => {
  it('is the one of package.json', async () => {
    const path = join(import.meta.dirname, '..', '..', 'package.json');

    assert.equal(JSON.parse(await readFile(path, 'utf8')).version, VERSION);
  });
});

describe("the home's secrets", () => {
  it('are made once, readable by their owner only, however many ask at once', async () => {
    const home = join(folder, 'secrets');

    const all = await Promise.all([1, 2, 3].map(() => ensureSecrets(home)));

    assert.deepEqual(all[1], all[0]);
    assert.deepEqual(await ensureSecrets(home), all[0]);
    assert.equal((await stat(join(home, 'secrets.json'))).mode & 0o777, 0o600);
  });

  it('are never replaced when they cannot be read', async () => {
    const home = join(folder, 'broken');
    await mkdir(home);
    await writeFile(join(home, 'secrets.json'), '{');

    await assert.rejects(ensureSecrets(home), { code: 'home.secrets_unreadable' });
    assert.equal(await readFile(join(home, 'secrets.json'), 'utf8'), '{');
  });
});

describe('the lock of a home', () => {
  it('is free again after its holder let go, and after its holder is gone', async () => {
    const path = join(folder, 'lock');

    await (
      await lockHome(path, { waitMs: 0 })
    )();
    await writeFile(path, '999999999');
    const unlock = await lockHome(path, { waitMs: 0 });

    assert.equal(Number.parseInt(await readFile(path, 'utf8'), 10), process.pid);
    await unlock();
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('lock')),
      [],
    );
  });
});

describe('the front port', () => {
  it('is refused with a way out when it is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;

    await assert.rejects(probePort({ host: '127.0.0.1', port }), {
      code: 'port.in_use',
      message: `Port ${port} is already in use. Stop what uses it, or choose another: FLYWHEEL_PORT=${port + 1} npm start`,
    });
    await new Promise((resolve) => server.close(resolve));
  });

  it('is chosen when none is given', async () => {
    assert.ok((await probePort({ host: '127.0.0.1', port: 0 })) > 0);
  });

  it('is refused at an address of another machine', async () => {
    await assert.rejects(probePort({ host: '192.0.2.1', port: 0 }), { code: 'port.refused' });
  });
});

describe('the output of children', () => {
  function collect() {
    const written: string[] = [];
    const shown: string[] = [];
    const file = { write: (chunk: Buffer) => written.push(chunk.toString()), close: () => {} };
    const output = createChildOutput('gateway', { file, show: (line) => shown.push(line) });
    return { output, shown, written: () => written.join('') };
  }
  const info = '{"level":"info","event":"request.ended"}\n';
  const warning = '{"level":"warn","pid":1,"event":"feed.lost","reason":"reset"}\n';

  it('goes into the file whole, however it is cut into pieces', () => {
    const { output, written, shown } = collect();

    for (const letter of info + warning) output.take(Buffer.from(letter));

    assert.equal(written(), info + warning);
    assert.deepEqual(shown, ['gateway: feed.lost reason=reset']);
  });

  it('is made JSON where it is none', () => {
    const { output, written, shown } = collect();

    output.take(Buffer.from(`${info}Segmentation fault\n`));
    output.take(Buffer.from('half a li'));
    output.end();

    const lines = written().trim().split('\n');
    assert.equal(lines.length, 3);
    assert.equal(JSON.parse(lines[1] ?? '').text, 'Segmentation fault');
    assert.equal(JSON.parse(lines[2] ?? '').text, 'half a li');
    assert.deepEqual(shown, [
      'gateway: process.output text=Segmentation fault',
      'gateway: process.output text=half a li',
    ]);
  });
});

describe('a log file', () => {
  it('begins anew when it is full, and keeps three old ones', async () => {
    const path = join(folder, 'logs', 'gateway.log');
    const file = openLogFile(path, 100);

    for (let count = 0; count < 100; count += 1) file.write(Buffer.from(`${'x'.repeat(39)}\n`));
    file.close();

    const names = await readdir(join(folder, 'logs'));
    assert.deepEqual(names.toSorted(), [
      'gateway.log',
      'gateway.log.1',
      'gateway.log.2',
      'gateway.log.3',
    ]);
    for (const name of names) assert.ok((await stat(join(folder, 'logs', name))).size <= 100);
  });
});

describe('the banner', () => {
  it('has a call that can be pasted', () => {
    const signIn = { isFirst: true, email: 'a@b', password: 'p', apiKey: 'sk' };
    const text = bannerLines({ url: 'http://localhost:1', signIn, model: 'a/b', home: '/h' }).join(
      '\n',
    );

    assert.match(text, /curl http:\/\/localhost:1\/v1\/chat\/completions/);
    assert.match(text, /"model":"a\/b"/);
  });

  it('gives no secret away that the operator removed', () => {
    const facts = { url: 'http://localhost:1', signIn: null, model: null, home: '/h' };

    assert.doesNotMatch(bannerLines(facts).join('\n'), /password|key/i);
  });
});
