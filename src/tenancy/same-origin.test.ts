import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createManualClock } from '#platform/clock.ts';
import { createPassword } from './password.ts';
import { isSameOrigin } from './same-origin.ts';
import { createSignInAttempts } from './sign-in-attempts.ts';

const PUBLIC_URL = 'https://cloud.example';
const write = (headers: Record<string, string>): boolean =>
  isSameOrigin({ method: 'POST', headers: new Headers(headers) }, PUBLIC_URL);

describe('a same-origin write', () => {
  it('is what the browser says it is, whatever else a page sends', () => {
    assert.equal(write({ 'sec-fetch-site': 'cross-site', origin: PUBLIC_URL }), false);
    assert.equal(write({ 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }), true);
  });

  it('else names our address or the host that was asked', () => {
    assert.equal(write({ origin: PUBLIC_URL }), true);
    assert.equal(write({ origin: 'http://10.0.0.1:8080', host: '10.0.0.1:8080' }), true);
    assert.equal(write({ origin: 'http://10.0.0.1:8080', host: '10.0.0.1:8081' }), false);
    assert.equal(write({ origin: 'https://cloud.example.evil.com' }), false);
  });

  it('is never an origin that is missing, null or malformed', () => {
    fc.assert(
      fc.property(fc.constantFrom('null', '', 'x', '://', 'https://'), (origin) => {
        assert.equal(write({ origin }), false);
        assert.equal(write({ origin, host: origin }), false);
      }),
    );
    assert.equal(write({}), false);
  });

  it('is not asked of reads', () => {
    const headers = new Headers({ 'sec-fetch-site': 'cross-site' });
    assert.equal(isSameOrigin({ method: 'GET', headers }, PUBLIC_URL), true);
  });
});

describe('sign-in attempts', () => {
  const who = { email: 'a@example.com', address: '192.0.2.1' };

  it('block after ten failures until the window is over, and start anew', () => {
    const clock = createManualClock();
    const attempts = createSignInAttempts(clock);

    for (let count = 0; count < 9; count += 1) attempts.failed(who);
    assert.equal(attempts.blockedForMs(who), null);
    attempts.failed(who);
    assert.equal(attempts.blockedForMs(who), 900_000);
    clock.advance(900_000);
    assert.equal(attempts.blockedForMs(who), null);
    attempts.failed(who);
    assert.equal(attempts.blockedForMs(who), null);
  });

  it('forget failures after a success', () => {
    const attempts = createSignInAttempts(createManualClock());

    for (let count = 0; count < 9; count += 1) attempts.failed(who);
    attempts.succeeded(who);
    for (let count = 0; count < 9; count += 1) attempts.failed(who);

    assert.equal(attempts.blockedForMs(who), null);
  });

  it('stop guessing from many addresses', () => {
    const attempts = createSignInAttempts(createManualClock());

    for (let count = 0; count < 200; count += 1) {
      attempts.failed({ ...who, address: `192.0.2.${count}` });
    }

    assert.notEqual(attempts.blockedForMs({ ...who, address: '198.51.100.1' }), null);
    assert.equal(attempts.blockedForMs({ ...who, email: 'b@example.com' }), null);
  });
});

describe('a first password', () => {
  it('is readable and never the same', () => {
    const passwords = new Set(Array.from({ length: 1000 }, () => createPassword()));

    assert.equal(passwords.size, 1000);
    for (const password of passwords) {
      assert.match(password, /^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$/);
    }
  });
});
