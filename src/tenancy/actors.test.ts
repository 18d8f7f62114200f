import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { insertTenant } from '../../test/money.ts';
import { sql } from '#platform/database.ts';
import { createActors } from './actors.ts';

const { database } = await createTestDatabase();
const [tenantId, otherId] = [await insertTenant(database), await insertTenant(database)];
const actors = createActors(database);

await sql`insert into auth_users (id, name, email) values
  ('usr_ann', 'Ann', 'ann@example.com'), ('usr_gone', 'Gone', 'gone@example.com')`.execute(
  database,
);
await sql`insert into members (tenant_id, id, user_id, role)
  values (${tenantId}, 'mem_ann', 'usr_ann', 'owner')`.execute(database);
await sql`insert into projects (tenant_id, id, name)
  values (${tenantId}, 'prj_1', 'one')`.execute(database);
await sql`insert into keys (tenant_id, project_id, id, kind, name, hint, secret_sha256, role, created_by)
  select ${tenantId}, 'prj_1', id, 'api', id, 'sk', decode(md5(id), 'hex'), 'owner', made_by
  from (values ('key_ann', 'usr_ann'), ('key_gone', 'usr_gone'), ('key_any', null))
    as key (id, made_by)`.execute(database);

describe('who is behind a key', () => {
  it('is the member who made it, and nobody where that is another key or somebody who left', async () => {
    assert.equal(await actors.makerOf(tenantId, 'key_ann'), 'usr_ann');
    assert.equal(await actors.makerOf(tenantId, 'key_gone'), null);
    assert.equal(await actors.makerOf(tenantId, 'key_any'), null);
    assert.equal(await actors.makerOf(otherId, 'key_ann'), null);
  });
});

describe('what people are called', () => {
  it('is told of members and keys of a tenant, and of no other', async () => {
    const ids = ['usr_ann', 'usr_gone', 'key_any', 'usr_nobody'];

    assert.deepEqual(
      await actors.namesOf(tenantId, ids),
      new Map([
        ['usr_ann', 'Ann'],
        ['key_any', 'key_any'],
      ]),
    );
    assert.equal((await actors.namesOf(otherId, ids)).size, 0);
    assert.deepEqual(await actors.tenantNames([tenantId]), new Map([[tenantId, tenantId]]));
  });
});
