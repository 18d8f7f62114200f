import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { consoleAddress } from './hub-addresses.ts';

describe('consoleAddress', () => {
  it('leads where the clients of Hugging Face say', () => {
    for (const [theirs, ours] of [
      ['/acme/tiny', '/models/acme/tiny'],
      ['/acme/tiny/tree/main', '/models/acme/tiny?tab=files&at=main'],
      [
        '/acme/tiny/blob/v1%2Fx/a%20b/c.txt',
        '/models/acme/tiny?tab=files&at=v1%2Fx&path=a+b%2Fc.txt',
      ],
      ['/datasets/acme/rows/commit/0a1b', '/datasets/acme/rows?tab=history&commit=0a1b'],
      ['/spaces/acme/app/discussions/3', '/discussions/space/acme/app/3'],
      ['/datasets/acme/rows/viewer', '/datasets/acme/rows?tab=viewer'],
    ] as const) {
      assert.equal(consoleAddress(theirs), ours);
    }
  });

  it('leaves the pages of the console alone', () => {
    for (const path of [
      '/',
      '/models',
      '/models/acme/tiny',
      '/datasets',
      '/datasets/acme/rows',
      '/settings',
      '/no/such/page/here',
      '/owners/acme',
    ]) {
      assert.equal(consoleAddress(path), null, path);
    }
  });
});
