import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createId } from '#platform/id.ts';
import { failRequest } from '../../errors.ts';
import { compatibleError, dashScopeCode, dashScopeError, dashScopeStatus } from './error.ts';

const ID = createId('req');

/** Codes of Model Studio's page on errors. */
const KNOWN = new Set([
  'AccessDenied',
  'Arrearage',
  'BadRequest.TooLarge',
  'DataInspectionFailed',
  'InternalError',
  'InvalidApiKey',
  'InvalidParameter',
  'Model.AccessDenied',
  'ModelNotFound',
  'ModelServingError',
  'ModelUnavailable',
  'NotFound',
  'RequestTimeOut',
  'Throttling',
  'AllocationQuota.FreeTierOnly',
  'Throttling.AllocationQuota',
  'Throttling.BurstRate',
  'Throttling.RateQuota',
  'UnsupportedOperation',
]);

const codes = Object.keys(failRequest.table).filter(
  (code): code is keyof typeof failRequest.table => code in failRequest.table,
);
const nativeOf = (code: (typeof codes)[number]): [number, string] => {
  const error = failRequest(code, 'x');
  return [dashScopeStatus(error), dashScopeError(error, ID).code];
};

describe("an error in DashScope's words", () => {
  it('has a code that its clients know, whatever ours is', () => {
    for (const code of codes) {
      const [status, native] = nativeOf(code);
      assert.ok(KNOWN.has(native), `${code} is ${native}`);
      // A caller retries on these, and only on these.
      const isRetried = status === 408 || status === 429 || status >= 500;
      const { table } = failRequest;
      assert.ok(isRetried || !('retryable' in table[code]), code);
    }
  });

  it('tells the kinds of limits, keys, money and models apart', () => {
    assert.deepEqual(nativeOf('rate_limit_exceeded'), [429, 'Throttling.RateQuota']);
    assert.deepEqual(nativeOf('tokens_rate_limit_exceeded'), [429, 'Throttling.AllocationQuota']);
    assert.deepEqual(nativeOf('slow_down'), [429, 'Throttling.BurstRate']);
    assert.deepEqual(nativeOf('insufficient_quota'), [400, 'Arrearage']);
    assert.deepEqual(nativeOf('api_key_expired'), [401, 'InvalidApiKey']);
    assert.deepEqual(nativeOf('model_not_found'), [404, 'ModelNotFound']);
    assert.deepEqual(nativeOf('model_not_ready'), [503, 'ModelUnavailable']);
    assert.deepEqual(nativeOf('upstream_failed'), [502, 'InternalError']);
  });

  it("keeps OpenAI's shape under /compatible-mode", () => {
    const error = failRequest('invalid_value', 'no', { param: 'stop' });
    const { request_id: id, ...body } = compatibleError(error, ID);
    assert.deepEqual(body, {
      error: {
        message: 'no',
        type: 'invalid_request_error',
        param: 'stop',
        code: 'invalid_parameter_error',
      },
    });
    assert.equal(id, dashScopeError(error, ID).request_id);
  });

  it('that was kept with a task is named as it would have been', () => {
    assert.equal(dashScopeCode('upstream_timeout', 504), 'RequestTimeOut');
    assert.equal(dashScopeCode('Arrearage', 400), 'Arrearage');
    assert.equal(dashScopeCode('', 500), 'InternalError');
  });
});
