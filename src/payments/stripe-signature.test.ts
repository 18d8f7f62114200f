import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeForm } from './stripe-client.ts';
import { isFromStripe, signAsStripe } from './stripe-signature.ts';

const AT_SECONDS = 1_800_000_000;
const body = '{"id":"evt_1"}';
const signature = signAsStripe(body, 'whsec_one', AT_SECONDS);
const at = (seconds: number) => (AT_SECONDS + seconds) * 1_000;

describe("Stripe's signature", () => {
  it('holds for five minutes, for its body, with its secret', () => {
    assert.equal(isFromStripe({ body, signature }, 'whsec_one', at(299)), true);
    assert.equal(isFromStripe({ body, signature }, 'whsec_one', at(-299)), true);
    assert.equal(isFromStripe({ body, signature }, 'whsec_one', at(301)), false);
    assert.equal(isFromStripe({ body: `${body} `, signature }, 'whsec_one', at(0)), false);
    assert.equal(isFromStripe({ body, signature }, 'whsec_two', at(0)), false);
  });

  it('may be one of several, while a secret turns', () => {
    const [time, one] = signature.split(',');
    const two = signAsStripe(body, 'whsec_two', AT_SECONDS).split(',')[1];
    const both = `${time},${two},v0=abc,${one}`;
    assert.equal(isFromStripe({ body, signature: both }, 'whsec_one', at(0)), true);
  });

  for (const wrong of ['', 't=', 't=abc,v1=00', 'v1=00', `t=${AT_SECONDS}`, 't=1e9,v1=00']) {
    it(`is not "${wrong}"`, () => {
      assert.equal(isFromStripe({ body, signature: wrong }, 'whsec_one', at(0)), false);
    });
  }
});

it('a form nests as Stripe reads it', () => {
  const form = { a: 1, b: { c: 'x y', d: undefined }, e: [{ f: true }], g: ['h'] };
  assert.equal(encodeForm(form), 'a=1&b%5Bc%5D=x+y&e%5B0%5D%5Bf%5D=true&g%5B0%5D=h');
});
