/** Stripe's own library beside ours: whose signatures hold, and what its objects look like. Input and output are JSON. */
import { text } from 'node:stream/consumers';
import { Stripe } from 'stripe';

const { url, secret, body, signature } = JSON.parse(await text(process.stdin));
const { protocol, hostname, port } = new URL(url);
const stripe = new Stripe('sk_test_123', {
  protocol: protocol.slice(0, -1),
  host: hostname,
  port: Number(port),
  telemetry: false,
});

const objects = {
  session: await stripe.checkout.sessions.retrieve('cs_1'),
  intent: await stripe.paymentIntents.retrieve('pi_1'),
  method: await stripe.paymentIntents.retrieve('pi_1', { expand: ['payment_method'] }),
  charge: await stripe.charges.retrieve('ch_1'),
  refund: await stripe.refunds.retrieve('re_1'),
  dispute: await stripe.disputes.retrieve('dp_1'),
};
const header = stripe.webhooks.generateTestHeaderString({ payload: body, secret });
const eventId = stripe.webhooks.constructEvent(body, signature, secret).id;
process.stdout.write(JSON.stringify({ header, eventId, objects }));
