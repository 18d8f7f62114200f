/**
 * Our reading of Stripe beside Stripe's own library: signatures hold both ways, and its objects are what
 * we take them for.
 *
 * @needs clients
 * @needs stripe_mock
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { it } from 'node:test';
import {
  chargeSchema,
  disputeSchema,
  intentMethodSchema,
  intentSchema,
  refundSchema,
  sessionSchema,
} from '#payments/stripe-objects.ts';
import { isFromStripe, signAsStripe } from '#payments/stripe-signature.ts';

const SCRIPT = join(import.meta.dirname, 'clients', 'stripe-client.mjs');
const SECRET = 'whsec_of_the_tests';

it("Stripe's own library and ours believe each other, and mean the same by its objects", async () => {
  const nowMs = Date.now();
  const body = JSON.stringify({ id: 'evt_1', object: 'event', type: 'charge.refunded', data: {} });
  const signature = signAsStripe(body, SECRET, Math.floor(nowMs / 1_000));
  const child = spawn(process.execPath, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(
    JSON.stringify({ url: process.env['TEST_STRIPE_MOCK'], secret: SECRET, body, signature }),
  );
  const { header, eventId, objects } = JSON.parse(await text(child.stdout));

  assert.equal(eventId, 'evt_1');
  assert.equal(isFromStripe({ body, signature: header }, SECRET, nowMs), true);
  assert.match(sessionSchema.parse(objects.session).id, /^cs_/);
  assert.match(intentSchema.parse(objects.intent).id, /^pi_/);
  intentMethodSchema.parse(objects.method);
  chargeSchema.parse(objects.charge);
  assert.match(refundSchema.parse(objects.refund).id, /^re_/);
  disputeSchema.parse(objects.dispute);
});
