import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FlywheelError } from '#platform/error.ts';
import { createId } from '#platform/id.ts';
import { batchLineOf, turnOf } from './batch-line.ts';
import type { KeyIdentity } from './control-client.ts';

const key: KeyIdentity = {
  id: 'key',
  tenantId: 'ten',
  projectId: 'prj',
  models: null,
  expiresAtMs: null,
  role: 'developer',
};
const requestId = `${createId('batch')}-17`;
const headers = { 'x-flywheel-line-request': requestId, 'x-flywheel-line-attempt': '3' };

describe('a call for a line of a batch', () => {
  it('has the id and the attempt that control gave it', () => {
    const line = batchLineOf({ ...key, actsFor: 'batch' }, headers);

    assert.deepEqual(line, { requestId, attempt: 3, tier: 'batch' });
  });

  it('is no business of any other key, whatever its headers say', () => {
    assert.equal(batchLineOf(key, headers), null);
  });

  it('is refused where it does not say which line it is for', () => {
    for (const wrong of [
      {},
      { ...headers, 'x-flywheel-line-request': 'req_1' },
      { ...headers, 'x-flywheel-line-attempt': '0' },
      { ...headers, 'x-flywheel-line-attempt': '1.5' },
    ]) {
      assert.throws(
        () => batchLineOf({ ...key, actsFor: 'batch' }, wrong),
        (error) => error instanceof FlywheelError && error.code === 'invalid_value',
      );
    }
  });

  it('goes to one target of a route, the next one with each attempt', () => {
    const turns = [1, 2, 3, 4].flatMap((attempt) => turnOf(['a', 'b', 'c'], attempt));

    assert.deepEqual(turns, ['a', 'b', 'c', 'a']);
  });
});
