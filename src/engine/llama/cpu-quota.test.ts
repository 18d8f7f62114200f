import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { defaultThreads, parseQuota, threadsFor } from './cpu-quota.ts';

describe('engine threads', () => {
  it('stay one below the CPU quota, but never below one', () => {
    assert.equal(threadsFor(8), 7);
    assert.equal(threadsFor(2.5), 1);
    assert.equal(threadsFor(1), 1);
    assert.equal(threadsFor(0.5), 1);
  });

  it('read both kinds of control groups', () => {
    assert.equal(parseQuota('150000 100000\n'), 1.5);
    assert.equal(parseQuota('max 100000\n'), null);
    assert.equal(parseQuota('-1 100000'), null);
    assert.equal(parseQuota(''), null);
  });

  it('have a default on this machine', async () => {
    assert.ok((await defaultThreads()) >= 1);
  });
});
