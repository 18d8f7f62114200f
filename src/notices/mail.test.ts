import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { NOTICE_KINDS } from './kinds.ts';
import { renderMail } from './mail.ts';
import { ATTEMPTS_MAX, nextDelayMs } from './schedule.ts';
import { createWebhookSecret, isSignedBy, signMessage } from './signature.ts';
import { ENGLISH } from './templates/en.ts';
import { CHINESE } from './templates/zh-cn.ts';

const fieldsOf = (lines: readonly string[]): string[] =>
  [...new Set(lines.join(' ').match(/\{\w+\}/g))].toSorted();

describe('letters', () => {
  it('are there in both languages, for the same kinds and with the same fields', () => {
    assert.deepEqual(Object.keys(CHINESE), Object.keys(ENGLISH));
    for (const kind of NOTICE_KINDS) {
      const [one, other] = [ENGLISH[kind], CHINESE[kind]];
      if (one === undefined || other === undefined) continue;
      assert.deepEqual(
        fieldsOf([other.subject, ...other.lines]),
        fieldsOf([one.subject, ...one.lines]),
        kind,
      );
      assert.equal(other.path, one.path);
    }
  });

  it('never let a value become markup or another header', () => {
    const data = { amount: '1', currency: '<img src=x>\r\nBcc: all@example.com', reference: '"&' };
    const mail = renderMail(
      { kind: 'payment.succeeded', data },
      { locale: 'en', publicUrl: 'https://cloud.example' },
    );
    assert.equal(mail?.subject.includes('\n'), false);
    assert.equal(mail?.html.includes('<img'), false);
    assert.match(mail?.html ?? '', /&quot;&amp;/);
  });

  it('leave out a line whose fields are absent', () => {
    const mail = renderMail(
      { kind: 'payment.succeeded', data: { amount: '1', currency: 'CNY' } },
      { locale: 'en', publicUrl: 'https://cloud.example' },
    );
    assert.equal(mail?.text.includes('invoice'), false);
    assert.match(mail?.text ?? '', /https:\/\/cloud\.example\/billing\?tab=payments$/);
  });
});

describe('a signature', () => {
  it('is that of the specification', () => {
    // The vector of the Standard Webhooks reference libraries.
    const message = {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestampSeconds: 1_614_265_330,
      body: '{"test": 2432232314}',
    };
    const headers = signMessage(message, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']);
    assert.equal(headers['webhook-signature'], 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('holds for the message it was made for, and for no other', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(), (body, other, timestampSeconds) => {
        const secret = createWebhookSecret();
        const message = { id: 'ntc_1', timestampSeconds, body };
        const signature = signMessage(message, [secret])['webhook-signature'];
        assert.equal(isSignedBy(message, signature, secret), true);
        assert.equal(isSignedBy(message, signature, createWebhookSecret()), false);
        const changed = { ...message, body: other };
        assert.equal(isSignedBy(changed, signature, secret), other === body);
      }),
      { numRuns: 50 },
    );
  });
});

it('attempts come later each time and end after three to five days', () => {
  const delays = Array.from({ length: ATTEMPTS_MAX - 1 }, (_, at) => nextDelayMs(at + 1) ?? 0);
  assert.deepEqual(
    delays,
    delays.toSorted((a, b) => a - b),
  );
  const days = delays.reduce((sum, delay) => sum + delay, 0) / 86_400_000;
  assert.ok(days > 3 && days < 5, `${days} days`);
  assert.equal(nextDelayMs(ATTEMPTS_MAX), null);
});
