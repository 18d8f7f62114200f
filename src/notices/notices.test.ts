/** Delivery as it is: a real receiver, a real mail server, a real database, two controls. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createManualClock } from '#platform/clock.ts';
import { sql, transaction } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import { createTestDatabase } from '../../test/database.ts';
import { createMailer } from './mailer.ts';
import {
  type Receiver,
  createTestVault,
  startMailServer,
  startReceiver,
} from './notices-fixture.ts';
import { createNotices } from './notices.ts';
import { ATTEMPTS_MAX, nextDelayMs } from './schedule.ts';
import { isSignedBy } from './signature.ts';

const { database } = await createTestDatabase();
const clock = createManualClock();
const OPERATOR = { tenantId: 'ten_operator', tenantKind: 'operator' } as const;
const ACME = { tenantId: 'ten_acme', tenantKind: 'customer' } as const;
const vault = await createTestVault(database);
const HOUR_MS = 60 * 60_000;

const mail = await startMailServer();
await sql`insert into tenants (id, kind, name)
  values ('ten_operator', 'operator', 'Operator'), ('ten_acme', 'customer', 'Acme')`.execute(
  database,
);
await sql`insert into auth_users (id, name, email, locale) values
  ('usr_a', 'Ann', 'ann@acme.example', 'en'), ('usr_b', 'Bo', 'bo@acme.example', 'zh-CN'),
  ('usr_c', 'Cy', 'cy@acme.example', 'en')`.execute(database);
await sql`insert into members (tenant_id, id, user_id, role) values
  ('ten_acme', 'mem_a', 'usr_a', 'owner'), ('ten_acme', 'mem_b', 'usr_b', 'finance'),
  ('ten_acme', 'mem_c', 'usr_c', 'developer')`.execute(database);
const mailer = createMailer({ url: mail.url, from: 'Flywheel <billing@cloud.example>' });
after(() => mailer.stop());
const parts = { database, clock, log: silentLog, vault, publicUrl: 'https://cloud.example' };
const notices = createNotices({ ...parts, mailer });
const second = createNotices({ ...parts, mailer: null });

const hear = async (receiver: Receiver, kinds: ['payment.succeeded'] | null = null) =>
  notices.webhooks.create(OPERATOR, {
    name: 'Receiver',
    url: receiver.url,
    kinds,
    allowsPrivate: true,
  });

const paid = (tenantId: string, key?: string) =>
  transaction(database, (tx) =>
    notices.send(tx, {
      tenantId,
      kind: 'payment.succeeded',
      data: { amount: '12.5', currency: 'CNY', paymentId: 'pay_1' },
      ...(key === undefined ? {} : { key }),
    }),
  );

const deliverAll = async (): Promise<void> => {
  while ((await notices.deliver()) > 0);
};

describe('a webhook', () => {
  it('gets what was committed, signed by its secret', async () => {
    const receiver = await startReceiver();
    const { secret, id } = await hear(receiver);

    const { noticeId } = await paid('ten_operator');
    await deliverAll();

    const [message] = receiver.received;
    assert.ok(message !== undefined && receiver.received.length === 1);
    assert.equal(message.id, noticeId);
    const signed = { ...message, timestampSeconds: Number(message.timestamp) };
    assert.equal(isSignedBy(signed, message.signature, secret), true);
    assert.equal(isSignedBy({ ...signed, body: '{}' }, message.signature, secret), false);
    assert.deepEqual(JSON.parse(message.body), {
      type: 'payment.succeeded',
      timestamp: new Date(clock.nowMs()).toISOString(),
      data: { tenantId: 'ten_operator', amount: '12.5', currency: 'CNY', paymentId: 'pay_1' },
    });
    await notices.webhooks.remove(OPERATOR, id);
  });

  it('hears nothing of what was rolled back, nor of kinds it does not want, nor twice of one key', async () => {
    const receiver = await startReceiver();
    const { id } = await hear(receiver, ['payment.succeeded']);

    await assert.rejects(
      transaction(database, async (tx) => {
        await notices.send(tx, { tenantId: 'ten_operator', kind: 'payment.succeeded', data: {} });
        throw new Error('the payment did not happen');
      }),
    );
    await notices.send(database, { tenantId: 'ten_operator', kind: 'invoice.paid', data: {} });
    await paid('ten_operator', 'once');
    assert.deepEqual(await paid('ten_operator', 'once'), { noticeId: null });
    await deliverAll();

    assert.equal(receiver.received.length, 1);
    await notices.webhooks.remove(OPERATOR, id);
  });

  it('is tried for days under one id, given up, and sent once more when somebody asks', async () => {
    const receiver = await startReceiver();
    const { id } = await hear(receiver);
    receiver.answer(500);
    await paid('ten_operator');

    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      await deliverAll();
      clock.advance(nextDelayMs(attempt) ?? 0);
    }
    await deliverAll();

    assert.equal(receiver.received.length, ATTEMPTS_MAX);
    assert.equal(new Set(receiver.received.map((message) => message.id)).size, 1);
    const page = { cursor: null, limit: 10 };
    const [dead] = (await notices.webhooks.deliveries(OPERATOR, id, page)).data;
    assert.ok(dead !== undefined);
    assert.equal(dead.state, 'dead');
    assert.deepEqual(new Set(dead.attempts.map(({ status }) => status)), new Set([500]));

    receiver.answer(200);
    await notices.webhooks.redeliver(OPERATOR, id, dead.id);
    await deliverAll();

    const [last] = (await notices.webhooks.deliveries(OPERATOR, id, page)).data;
    assert.equal(last?.state, 'delivered');
    assert.equal(last?.attempts.length, ATTEMPTS_MAX + 1);
    await notices.webhooks.remove(OPERATOR, id);
  });

  it('is delivered by one of two controls that look at the same time', async () => {
    const receiver = await startReceiver();
    const { id } = await hear(receiver);
    for (let each = 0; each < 12; each += 1) await paid('ten_operator');

    for (let round = 0; round < 6; round += 1) {
      await Promise.all([notices.deliver(), second.deliver(), notices.deliver()]);
    }

    assert.equal(receiver.received.length, 12);
    assert.equal(new Set(receiver.received.map((message) => message.id)).size, 12);
    await notices.webhooks.remove(OPERATOR, id);
  });

  it('is signed by the old and the new secret for a day after a rotation', async () => {
    const receiver = await startReceiver();
    const { id, secret: old } = await hear(receiver);
    const { secret: fresh } = await notices.webhooks.rotate(OPERATOR, id);
    await paid('ten_operator');
    await deliverAll();
    clock.advance(25 * HOUR_MS);
    await paid('ten_operator');
    await deliverAll();

    const isSigned = (at: number, secret: string): boolean => {
      const message = receiver.received[at];
      if (message === undefined) return false;
      const timestampSeconds = Number(message.timestamp);
      return isSignedBy({ ...message, timestampSeconds }, message.signature, secret);
    };
    assert.deepEqual([isSigned(0, old), isSigned(0, fresh)], [true, true]);
    assert.deepEqual([isSigned(1, old), isSigned(1, fresh)], [false, true]);
    await notices.webhooks.remove(OPERATOR, id);
  });

  it('that says it is gone is paused, and does not follow where it is sent', async () => {
    const receiver = await startReceiver();
    const { id } = await hear(receiver);
    receiver.answer(302);
    await notices.webhooks.test(OPERATOR, id);
    await deliverAll();
    const [moved] = (await notices.webhooks.deliveries(OPERATOR, id, { cursor: null, limit: 1 }))
      .data;
    assert.equal(moved?.attempts[0]?.status, 302);

    receiver.answer(410);
    await notices.webhooks.test(OPERATOR, id);
    await deliverAll();

    const [webhook] = await notices.webhooks.list(OPERATOR);
    assert.deepEqual([webhook?.state, webhook?.problem], ['paused', 'gone']);
    await notices.webhooks.remove(OPERATOR, id);
  });

  it('of a customer never reaches the network of the cloud, even behind a name', async () => {
    const { id } = await notices.webhooks.create(ACME, {
      name: 'Rebound',
      url: 'https://hooks.acme.example/',
    });
    const { port } = new URL((await startReceiver()).url);
    await sql`update webhooks set url = ${`http://127.0.0.1:${port}/`} where id = ${id}`.execute(
      database,
    );
    await notices.webhooks.test(ACME, id);
    await deliverAll();

    const [denied] = (await notices.webhooks.deliveries(ACME, id, { cursor: null, limit: 1 })).data;
    assert.equal(denied?.attempts[0]?.problem, 'address_denied');
    await notices.webhooks.remove(ACME, id);
  });
});

describe('a letter', () => {
  it('goes to owners and finance in their language, and is sent again when the server was busy', async () => {
    mail.refuse(451);
    await paid('ten_acme');
    await deliverAll();
    assert.equal(mail.letters.length, 0);

    mail.refuse(null);
    clock.advance(HOUR_MS);
    await deliverAll();

    const letters = mail.letters.toSorted((a, b) => (String(a.to) < String(b.to) ? -1 : 1));
    assert.deepEqual(
      letters.map(({ to }) => to),
      [['ann@acme.example'], ['bo@acme.example']],
    );
    assert.match(letters[0]?.text ?? '', /Subject: Payment of 12\.5 CNY received/);
    assert.match(letters[1]?.text ?? '', /Subject: =\?UTF-8\?/);
    assert.match(letters[0]?.text ?? '', /Message-ID: <dlv_\w+@flywheel>/);
  });

  it('that is refused for good is not sent again', async () => {
    const sentBefore = mail.letters.length;
    mail.refuse(550);
    await paid('ten_acme');
    await deliverAll();
    mail.refuse(null);
    clock.advance(48 * HOUR_MS);
    await deliverAll();

    assert.equal(mail.letters.length, sentBefore);
    const { rows } = await sql<{ problem: string }>`
      select problem from delivery_attempts a join deliveries d on d.id = a.delivery_id
      where d.state = 'dead' and d.channel = 'email'`.execute(database);
    assert.deepEqual(new Set(rows.map(({ problem }) => problem)), new Set(['smtp 550']));
  });
});
