/** How Stripe proves that a message is its own: HMAC-SHA256 over `time.body`, in the header's `v1`. Pure. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** A message that was caught is of no use later; clocks may differ by as much. */
const TOLERANCE_SECONDS = 300;
/** While a secret turns Stripe signs with two. */
const SIGNATURES_MAX = 10;

export function signAsStripe(body: string, secret: string, timestampSeconds: number): string {
  return `t=${timestampSeconds},v1=${macOf(body, secret, String(timestampSeconds))}`;
}

export function isFromStripe(
  message: Readonly<{ body: string; signature: string }>,
  secret: string,
  nowMs: number,
): boolean {
  const parts = message.signature.split(',').map((part) => part.trim().split('='));
  const time = parts.find(([name]) => name === 't')?.[1] ?? '';
  const ageSeconds = Math.abs(nowMs / 1_000 - Number(time));
  if (!/^\d{1,12}$/.test(time) || ageSeconds > TOLERANCE_SECONDS) return false;
  const expected = Buffer.from(macOf(message.body, secret, time));
  return parts
    .filter(([name]) => name === 'v1')
    .slice(0, SIGNATURES_MAX)
    .some(([, mac = '']) => {
      const given = Buffer.from(mac);
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
}

function macOf(body: string, secret: string, time: string): string {
  return createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
}
