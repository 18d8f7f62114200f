import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RETRIES_SAVED_MAX, RetryBudget } from './retry-budget.ts';

describe('the retry budget', () => {
  it('lets a quiet model retry what fails', () => {
    const budget = new RetryBudget();
    for (let retry = 0; retry < RETRIES_SAVED_MAX; retry += 1) assert.ok(budget.spend('m'));
    assert.equal(budget.spend('m'), false);
  });

  it('adds a fifth of the load at most while everything fails', () => {
    const budget = new RetryBudget();
    let retries = 0;
    for (let request = 0; request < 1_000; request += 1) {
      budget.earn('m');
      for (let retry = 0; retry < 2; retry += 1) if (budget.spend('m')) retries += 1;
    }
    assert.ok(retries <= 200 + RETRIES_SAVED_MAX, String(retries));
    assert.ok(retries >= 199, String(retries));
  });

  it('is each model’s own, and remembers nothing of those that spend nothing', () => {
    const budget = new RetryBudget();
    while (budget.spend('bad'));
    assert.ok(budget.spend('good'));
    assert.equal(budget.size, 2);
    for (let request = 0; request < 100; request += 1)
      for (const m of ['bad', 'good']) budget.earn(m);
    assert.equal(budget.size, 0);
  });
});
