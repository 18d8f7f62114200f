import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { START, WIDTH_MAX, afterAnswer, afterBusy } from './pace.ts';
import { FAILURES_MAX, UNSURE_MS_MAX, judge, resolveUnsure } from './verdict.ts';

const answered = (status: number, retryAfterMs: number | null = null) =>
  ({ kind: 'answered', status, body: '{}', retryAfterMs }) as const;

describe('the answer to a line', () => {
  it('is final when it is an answer, or the line’s own mistake', () => {
    for (const status of [200, 400, 401, 402, 403, 404, 413, 422, 501]) {
      assert.deepEqual(judge(answered(status), 0, 0), { kind: 'done', status, body: '{}' });
    }
  });

  it('is asked for again for as long as the cloud is busy, not before it says', () => {
    for (const status of [429, 503]) {
      const verdict = judge(answered(status, 7_000), FAILURES_MAX, 0);
      const again = { kind: 'again', failures: FAILURES_MAX, pauseMs: 7_000, isBusy: true };
      assert.deepEqual(verdict, again);
    }
  });

  it('is given up after so many failures, each with a longer pause', () => {
    let failures = 0;
    let pauseMs = 0;
    for (;;) {
      const verdict = judge(answered(502), failures, 0);
      if (verdict.kind !== 'again') {
        assert.deepEqual(verdict, { kind: 'done', status: 502, body: '{}' });
        break;
      }
      assert.ok(verdict.pauseMs > pauseMs);
      ({ failures, pauseMs } = verdict);
    }
    assert.equal(failures, FAILURES_MAX - 1);
  });

  it('is unsure when it broke, and untried when nobody took it', () => {
    assert.equal(judge({ kind: 'broke' }, 0, 0).kind, 'unsure');
    assert.equal(judge({ kind: 'unsent' }, 0, 0).kind, 'untried');
  });
});

describe('an unsure line', () => {
  it('never gets a new attempt unless its last one is on the books for nothing', () => {
    assert.equal(resolveUnsure({ isCharged: true }, 0), 'charged');
    assert.equal(resolveUnsure({ isCharged: false }, 0), 'new');
    assert.equal(resolveUnsure(null, 0), null);
    assert.equal(resolveUnsure(null, UNSURE_MS_MAX), 'unknown');
  });
});

describe('the pace of a batch', () => {
  it('stays between one and its most, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 3_000 }), (answers) => {
        let pace = START;
        for (const [index, isAnswer] of answers.entries()) {
          pace = isAnswer ? afterAnswer(pace) : afterBusy(pace, index * 400);
          assert.ok(pace.width >= 1 && pace.width <= WIDTH_MAX);
        }
      }),
    );
  });

  it('halves once for all the refusals of one moment', () => {
    const once = afterBusy(START, 10);
    assert.equal(once.width, START.width / 2);
    assert.equal(afterBusy(once, 20), once);
  });
});
