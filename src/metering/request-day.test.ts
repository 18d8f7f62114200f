import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createId } from '#platform/id.ts';
import { dayOf, dayOfId, requestDay } from './request-day.ts';

const instant = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2100, 0) - 1 });

describe('the day of a request', () => {
  it('is the day its id was made, whenever it was let in', () => {
    fc.assert(
      fc.property(
        instant,
        instant,
        fc.constantFrom('req', 'batch', 'tsk'),
        (made, admitted, kind) => {
          const requestId = createId(kind, made);
          assert.equal(requestDay({ requestId, admittedAtMs: admitted }), dayOf(made));
          assert.equal(dayOfId(`${requestId}-17`), dayOf(made), 'a line has the day of its batch');
        },
      ),
    );
  });

  it('is written as everywhere else, in every year', () => {
    const any = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) });
    fc.assert(
      fc.property(any, (timeMs) => {
        assert.equal(dayOf(timeMs), new Date(timeMs).toISOString().slice(0, 10));
      }),
    );
    for (const text of ['2000-02-29', '2100-02-28', '2100-03-01', '2028-02-29', '1970-01-01']) {
      assert.equal(dayOf(Date.parse(text)), text);
    }
  });

  it('is the day of admission where the id tells none', () => {
    const admittedAtMs = Date.UTC(2026, 0, 31, 23, 59);
    for (const requestId of [
      'r1',
      'req_short',
      'req_zzzzzzzzzzzzzzzzzzzzzzzzzz',
      '0123456789abcdef',
    ]) {
      assert.equal(requestDay({ requestId, admittedAtMs }), '2026-01-31', requestId);
      assert.equal(dayOfId(requestId), null);
    }
  });
});
