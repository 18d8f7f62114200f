import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createMasterKeys } from './master-keys.ts';

const folder = await mkdtemp(join(tmpdir(), 'flywheel-master-keys-'));
after(() => rm(folder, { recursive: true, force: true }));

let files = 0;
function newFile(): string {
  files += 1;
  return join(folder, `home-${files}`, 'master-keys.json');
}

describe('master keys in a file', () => {
  it('are made once, for their owner only, and found again', async () => {
    const file = newFile();
    const keys = createMasterKeys({ file, configured: null });

    const newest = await keys.newest();

    const again = createMasterKeys({ file, configured: null });
    assert.equal((await again.newest()).id, newest.id);
    assert.deepEqual((await again.find(newest.id))?.bytes, newest.bytes);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it('are the same for two that start together', async () => {
    const file = newFile();
    const many = Array.from({ length: 8 }, () => createMasterKeys({ file, configured: null }));

    const ids = await Promise.all(many.map(async (keys) => (await keys.newest()).id));

    assert.equal(new Set(ids).size, 1);
  });

  it('keep the old one while something may need it', async () => {
    const keys = createMasterKeys({ file: newFile(), configured: null });
    const old = await keys.newest();

    const renewed = await keys.renew();

    assert.notEqual(renewed.id, old.id);
    assert.equal((await keys.newest()).id, renewed.id);
    assert.equal((await keys.find(old.id))?.id, old.id);
    await keys.forgetOlder();
    assert.equal(await keys.find(old.id), null);
  });

  it('say what to do about a damaged file, without its content', async () => {
    const file = newFile();
    await createMasterKeys({ file, configured: null }).newest();
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.slice(0, -20));

    const failed = createMasterKeys({ file, configured: null }).newest();

    await assert.rejects(failed, (error: Error) => {
      assert.match(error.message, /does not hold master keys/);
      assert.equal(JSON.stringify(error).includes(text.slice(20, 40)), false);
      return true;
    });
  });
});

describe('master keys in a setting', () => {
  it('are taken newest first and never renewed here', async () => {
    const [one, two] = [randomBytes(32), randomBytes(32)];
    const configured = `${one.toString('base64')}, ${two.toString('base64')}`;
    const keys = createMasterKeys({ file: newFile(), configured });

    const newest = await keys.newest();

    assert.deepEqual(newest.bytes, one);
    assert.equal((await keys.renew()).id, newest.id);
  });

  it('are refused when they are too short, without being quoted', () => {
    const create = () => createMasterKeys({ file: newFile(), configured: 'c2hvcnQ=' });

    assert.throws(create, (error: Error) => !error.message.includes('c2hvcnQ='));
  });
});
