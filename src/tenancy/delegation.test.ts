/** Secrets that act for a key: good for the gateway while the key is, and for nothing else. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { createManualClock } from '#platform/clock.ts';
import { sql } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { createTestDatabase } from '../../test/database.ts';
import { insertTenant } from '../../test/money.ts';
import { createAccess } from './access.ts';
import { createDelegations } from './delegation.ts';
import { createKey } from './key.ts';
import { createKeys } from './keys.ts';

const { database } = await createTestDatabase();
const clock = createManualClock(Date.now());
const delegations = createDelegations({ database, clock });
const keys = createKeys({ database, clock, delegations });
const tenantId = await insertTenant(database);
const projectId = createId('prj');
await sql`insert into projects (tenant_id, id, name)
  values (${tenantId}, ${projectId}, 'one')`.execute(database);

const DAY_MS = 24 * 60 * 60_000;
const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

async function insertKey(kind: 'api' | 'playground', lifeMs: number): Promise<string> {
  const id = createId('key');
  const { sha256, hint } = createKey('api');
  const expiresAt = new Date(clock.nowMs() + lifeMs);
  await sql`insert into keys (tenant_id, project_id, id, kind, name, hint, secret_sha256, role, models, expires_at)
    values (${tenantId}, ${projectId}, ${id}, ${kind}, 'k', ${hint}, ${sha256}, 'developer',
      ${['acme/tiny']}::text[], ${expiresAt})`.execute(database);
  return id;
}

async function delegate(keyId: string, subject: string = createId('batch')) {
  const expiresAtMs = clock.nowMs() + DAY_MS;
  const secret = await delegations.delegate({ subject, tenantId, keyId, expiresAtMs });
  return { secret, subject, find: async () => (await keys.lookup(hashOf(secret))).key };
}

describe('a secret that acts for a key', () => {
  it('is that key to the gateway, with its models and its project', async () => {
    const keyId = await insertKey('api', 2 * DAY_MS);
    const { find } = await delegate(keyId);

    const { expiresAtMs: _end, ...found } = (await find()) ?? assert.fail();
    assert.deepEqual(found, {
      id: keyId,
      tenantId,
      projectId,
      currency: 'CNY',
      models: ['acme/tiny'],
      role: 'developer',
      actsFor: 'batch',
    });
  });

  it('is nobody to our own API', async () => {
    const { secret } = await delegate(await insertKey('api', DAY_MS));
    const access = createAccess({ database, clock, userIdOf: async () => null });

    const headers = new Headers({ authorization: `Bearer ${secret}` });
    assert.equal(await access.authenticate(headers), null);
  });

  it('gives way to the next one of the same subject, and ends with it', async () => {
    const keyId = await insertKey('api', DAY_MS);
    const first = await delegate(keyId);
    const second = await delegate(keyId, first.subject);

    assert.equal(await first.find(), null);
    assert.notEqual(await second.find(), null);
    await delegations.endDelegation(first.subject);
    assert.equal(await second.find(), null);
  });

  it('ends with its key, but not with the hour of a playground’s key', async () => {
    const short = await delegate(await insertKey('api', 60_000));
    const playground = await delegate(await insertKey('playground', 60_000));
    const revokedId = await insertKey('api', DAY_MS);
    const revoked = await delegate(revokedId);
    await sql`update keys set revoked_at = now() where id = ${revokedId}`.execute(database);
    clock.advance(120_000);

    assert.equal(await short.find(), null);
    assert.notEqual(await playground.find(), null);
    assert.equal(await revoked.find(), null);
  });

  it('is not made for a key of another tenant', async () => {
    const keyId = await insertKey('api', DAY_MS);
    const secret = await delegations.delegate({
      subject: createId('batch'),
      tenantId: await insertTenant(database),
      keyId,
      expiresAtMs: clock.nowMs() + DAY_MS,
    });

    assert.deepEqual(await keys.lookup(hashOf(secret)), { key: null });
  });
});
