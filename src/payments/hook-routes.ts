/**
 * Where payment providers say what happened. Open to the Internet: a message is believed by its
 * signature alone, and what was taken once is answered the same way again.
 */
import { Hono } from 'hono';
import type { Payments } from './payments.ts';
import { STRIPE_HOOK_PATH } from './settings.ts';

export function createPaymentHooks({ receive }: Pick<Payments, 'receive'>): Hono {
  const app = new Hono();
  app.post(STRIPE_HOOK_PATH, async (context) => {
    const signature = context.req.header('stripe-signature') ?? '';
    await receive('stripe', { body: await context.req.text(), signature });
    return context.json({ received: true });
  });
  return app;
}
