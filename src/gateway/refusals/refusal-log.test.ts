import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Refusal, RefusalLog } from './refusal-log.ts';

let made = 0;

function refusal(changes: Partial<Refusal> = {}): Refusal {
  made += 1;
  return {
    tenantId: 'ten_1',
    projectId: 'prj_1',
    keyId: 'key_1',
    requestId: `req_${made}`,
    modelName: 'a/model',
    status: 429,
    errorCode: 'rate_limit_exceeded',
    startedAtMs: 0,
    endedAtMs: 0,
    ...changes,
  };
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

describe('what is told of refusals', () => {
  it('is each of a few, and the rest of a minute as one with their number', () => {
    const log = new RefusalLog();
    for (let count = 0; count < 1_000; count += 1) log.add(refusal(), 5 * SECOND);
    log.add(refusal({ status: 401, errorCode: 'api_key_revoked' }), 6 * SECOND);
    const atOnce = log.take(100, 7 * SECOND);

    log.add(refusal(), MINUTE + 1);
    const later = log.take(100, MINUTE + 2);

    assert.deepEqual(
      atOnce.map(({ status, repeats }) => [status, repeats]),
      [...Array.from({ length: 10 }, () => [429, 0]), [401, 0]],
    );
    assert.deepEqual(
      later.map(({ status, repeats }) => [status, repeats]),
      [
        [429, 989],
        [429, 0],
      ],
    );
  });

  it('keeps a name and nothing that could be a prompt', () => {
    const log = new RefusalLog();
    for (const modelName of ['a/b:1.5@x-y', 'tell me a secret', 'x'.repeat(201), 'a\nb', '']) {
      log.add(refusal({ modelName, keyId: modelName }), 0);
    }

    assert.deepEqual(
      log.take(10, 0).map(({ modelName }) => modelName),
      ['a/b:1.5@x-y', '', '', '', ''],
    );
  });

  it('is bounded where a tenant has many keys, and where control takes nothing', () => {
    const log = new RefusalLog();
    for (let minute = 0; minute < 300; minute += 1) {
      for (let key = 0; key < 300; key += 1) {
        log.add(refusal({ keyId: `key_${key}` }), minute * MINUTE);
      }
    }

    assert.equal(log.waiting, 10_000);
    const told = log.take(100_000, 300 * MINUTE);
    assert.equal(
      told.reduce((sum, { repeats }) => sum + 1 + repeats, log.dropped),
      300 * 300,
    );
  });

  it('adds up whatever comes, in whichever order it is taken and given back', () => {
    const step = fc.oneof(
      fc.record({
        tenant: fc.integer({ min: 1, max: 3 }),
        key: fc.integer({ min: 1, max: 40 }),
        status: fc.constantFrom(400, 401, 403, 404, 429),
        passMs: fc.integer({ min: 0, max: 20_000 }),
      }),
      fc.constantFrom('take' as const, 'fail' as const),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 2_000 }), (steps) => {
        const log = new RefusalLog();
        let [added, told, nowMs] = [0, 0, 0];
        const seen = new Set<string>();
        const count = (rows: ReturnType<RefusalLog['take']>): void => {
          for (const { requestId, repeats } of rows) {
            assert.ok(!seen.has(requestId));
            seen.add(requestId);
            told += 1 + repeats;
          }
        };
        for (const each of steps) {
          if (each === 'take') count(log.take(50, nowMs));
          else if (each === 'fail') log.putBack(log.take(50, nowMs));
          else {
            nowMs += each.passMs;
            const of = { tenantId: `ten_${each.tenant}`, keyId: `key_${each.tenant}_${each.key}` };
            log.add(refusal({ ...of, status: each.status }), nowMs);
            added += 1;
          }
        }
        log.close();
        count(log.take(1_000_000, nowMs));
        assert.equal(told + log.dropped, added);
      }),
    );
  });
});
