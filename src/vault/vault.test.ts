import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { sql } from '#platform/database.ts';
import { FlywheelError } from '#platform/error.ts';
import { createTestDatabase } from '../../test/database.ts';
import { createMasterKeys } from './master-keys.ts';
import { createVault } from './vault.ts';

const { database } = await createTestDatabase();
await sql`insert into tenants (id, kind, name)
  values ('ten_one', 'customer', 'One'), ('ten_two', 'customer', 'Two')`.execute(database);
const home = await mkdtemp(join(tmpdir(), 'flywheel-vault-'));
after(() => rm(home, { recursive: true, force: true }));
const masterKeys = createMasterKeys({ file: join(home, 'keys.json'), configured: null });
const vault = createVault({ database, masterKeys });

it('a vault gives a secret back to its owner only, sealed in the database', async () => {
  await vault.put(database, { tenantId: 'ten_one', id: 'whk_a' }, 'first');
  await vault.put(database, { tenantId: 'ten_one', id: 'whk_a' }, 'a secret of one');

  assert.equal(await vault.read(database, { tenantId: 'ten_one', id: 'whk_a' }), 'a secret of one');
  assert.equal(await vault.read(database, { tenantId: 'ten_two', id: 'whk_a' }), null);
  const { rows } = await sql<{ text: string }>`
    select encode(ciphertext, 'escape') as text from sealed_secrets`.execute(database);
  assert.equal(rows[0]?.text.includes('a secret'), false);
});

it('a sealed row that is copied to another tenant does not open there', async () => {
  await sql`insert into sealed_secrets (tenant_id, id, master_key_id, wrapped_key, ciphertext)
    select 'ten_two', id, master_key_id, wrapped_key, ciphertext from sealed_secrets
    where tenant_id = 'ten_one'`.execute(database);

  await assert.rejects(
    vault.read(database, { tenantId: 'ten_two', id: 'whk_a' }),
    (error) => error instanceof FlywheelError && error.code === 'secret.unreadable',
  );
  await vault.remove(database, { tenantId: 'ten_two', id: 'whk_a' });
});

it('secrets are readable after the master key turned and the old one is forgotten', async () => {
  await masterKeys.renew();
  assert.equal(await vault.rewrap(), 1);
  await masterKeys.forgetOlder();

  assert.equal(await vault.read(database, { tenantId: 'ten_one', id: 'whk_a' }), 'a secret of one');
});
