/** What callers hear of a plan or a quota that is used up, in each dialect. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { leaseRefusal } from './lease-refusal.ts';
import { dashScopeError, dashScopeStatus } from './wire/dashscope/error.ts';
import { openAiError } from './wire/openai/error.ts';

const NOW_MS = Date.parse('2026-03-01T00:00:00Z');

describe('a lease that is refused', () => {
  it('because a plan is used up says when it begins anew', () => {
    const stop = { code: 'plan_exhausted', retryAtMs: NOW_MS + 90_000 } as const;
    const error = leaseRefusal(stop, NOW_MS);

    assert.deepEqual([error.status, error.retryAfterMs], [429, 90_000]);
    assert.match(error.message, /2026-03-01T00:01:30/);
    assert.equal(openAiError(error).error.code, 'plan_exhausted');
    assert.deepEqual(
      [dashScopeStatus(error), dashScopeError(error, 'req_1').code],
      [429, 'Throttling.AllocationQuota'],
    );
  });

  it('never asks to come back in the past, whatever the clocks say', () => {
    const stop = { code: 'plan_exhausted', retryAtMs: NOW_MS - 5_000 } as const;
    assert.equal(leaseRefusal(stop, NOW_MS).retryAfterMs, 1_000);
    assert.equal(leaseRefusal({ ...stop, retryAtMs: null }, NOW_MS).retryAfterMs, null);
  });

  it('because nothing but free quota may pay is 403', () => {
    const error = leaseRefusal({ code: 'free_quota_exhausted', retryAtMs: null }, NOW_MS);
    assert.equal(error.status, 403);
    assert.equal(openAiError(error).error.type, 'permission_error');
    assert.equal(dashScopeError(error, 'req_1').code, 'AllocationQuota.FreeTierOnly');
  });

  it('for lack of money stays what it was', () => {
    const error = leaseRefusal(null, NOW_MS);
    assert.deepEqual([error.code, error.status], ['insufficient_quota', 402]);
  });
});
