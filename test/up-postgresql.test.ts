/**
 * The whole cloud on a PostgreSQL server of the operator's own, started as the README says.
 *
 * @needs postgresql
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, describe, it } from 'node:test';
import pg from 'pg';
import { readyModel, startCloud, waitFor } from './cloud.ts';

const server = process.env['TEST_POSTGRESQL_URL'] ?? '';
const name = `flywheel_up_${randomBytes(4).toString('hex')}`;

const admin = new pg.Client({ connectionString: server });
await admin.connect();
await admin.query(`create database ${name}`);

const url = new URL(server);
url.pathname = `/${name}`;
const cloud = await startCloud({ environment: { FLYWHEEL_DATABASE_URL: url.href } });

after(async () => {
  await cloud.stop();
  await admin.query(`drop database ${name} with (force)`);
  await admin.end();
});

describe('flywheel up with FLYWHEEL_DATABASE_URL', () => {
  it('answers, meters and posts a call in that database', async () => {
    const model = await readyModel(cloud);
    const headers = { authorization: `Bearer ${cloud.apiKey}`, 'content-type': 'application/json' };

    const response = await fetch(`${cloud.url}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body: JSON.stringify({
        model,
        messages: [{ role: 'user', content: 'Hello' }],
        max_tokens: 16,
      }),
    });

    assert.equal(response.status, 200);
    const requestId = response.headers.get('x-request-id');
    await response.text();
    const database = new pg.Client({ connectionString: url.href });
    await database.connect();
    await waitFor('the call to be posted', 10_000, async () => {
      const { rows } = await database.query(
        'select entry_id from usage_events where request_id = $1',
        [requestId],
      );
      return rows[0]?.entry_id !== undefined && rows[0].entry_id !== null;
    });
    await database.end();
  });

  it('starts no database of its own', async () => {
    const response = await fetch(`${cloud.url}/cloud/v1/status`, {
      headers: { authorization: `Bearer ${cloud.apiKey}` },
    });

    const status = (await response.json()) as { database: { kind: string } };
    assert.equal(status.database.kind, 'postgresql');
    assert.equal(await cloud.stop(), 0);
  });
});
