import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createManualClock } from '#platform/clock.ts';
import { EMPTY_FEED } from '../feed.ts';
import { createFeedState } from '../feed-state.ts';
import { AnswerCache } from './answer-cache.ts';
import type { CacheSettings } from './cache-settings.ts';

const SETTINGS: CacheSettings = {
  tenantId: 'ten_one',
  projectId: 'prj_one',
  generation: 1,
  ttlMs: 60_000,
  entryBytesMax: 1_000,
  bytesMax: 10_000,
  entriesMax: 5,
  cachesSampled: false,
};

function createCache(caches: readonly CacheSettings[] = [SETTINGS], bytesMax = 1_000_000) {
  const clock = createManualClock();
  const feed = createFeedState(clock, { ...EMPTY_FEED, caches });
  return { cache: new AnswerCache({ feed, clock, bytesMax }), clock, feed };
}

const answer = (text: string) => ({ isStream: false, bytes: Buffer.from(text), requestId: 'req' });

describe('the cache of answers', () => {
  it('knows only projects that turned it on, under their own tenant', () => {
    const { cache } = createCache();

    assert.equal(cache.settingsOf({ tenantId: 'ten_one', projectId: 'prj_one' }), SETTINGS);
    assert.equal(cache.settingsOf({ tenantId: 'ten_two', projectId: 'prj_one' }), null);
    assert.equal(cache.settingsOf({ tenantId: 'ten_one', projectId: 'prj_two' }), null);
  });

  it('forgets an answer when its time is over, or is too old for who asks', () => {
    const { cache, clock } = createCache();
    cache.keep(SETTINGS, 'a', answer('one'));

    clock.advance(30_000);
    assert.equal(cache.find(SETTINGS, 'a', 29_999), null);
    assert.equal(cache.find(SETTINGS, 'a', 60_000)?.bytes.toString(), 'one');
    clock.advance(30_001);
    assert.equal(cache.find(SETTINGS, 'a', 60_000), null);
    assert.deepEqual([cache.entries, cache.bytes], [0, 0]);
  });

  it('keeps what was used last', () => {
    const { cache } = createCache();
    for (const name of ['a', 'b', 'c', 'd', 'e']) cache.keep(SETTINGS, name, answer(name));
    cache.find(SETTINGS, 'a', 60_000);
    cache.keep(SETTINGS, 'f', answer('f'));

    assert.equal(cache.find(SETTINGS, 'b', 60_000), null);
    assert.equal(cache.find(SETTINGS, 'a', 60_000)?.bytes.toString(), 'a');
  });

  it('is empty after the project turned it off, or emptied it', () => {
    const { cache, feed } = createCache();
    cache.keep(SETTINGS, 'a', answer('one'));

    feed.replace({ ...EMPTY_FEED, caches: [{ ...SETTINGS, generation: 2 }] });

    assert.deepEqual([cache.entries, cache.bytes], [0, 0]);
    // An answer that was under way belongs to the time before.
    cache.keep(SETTINGS, 'a', answer('one'));
    assert.equal(cache.entries, 0);
  });

  it('never takes more than it may, of one project or of all, whatever comes', () => {
    const other = { ...SETTINGS, tenantId: 'ten_two', projectId: 'prj_two', bytesMax: 3_000 };
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            isOther: fc.boolean(),
            name: fc.integer({ min: 0, max: 20 }),
            bytes: fc.integer({ min: 1, max: 1_500 }),
          }),
          { maxLength: 60 },
        ),
        (steps) => {
          const { cache } = createCache([SETTINGS, other], 5_000);
          for (const { isOther, name, bytes } of steps) {
            const settings = isOther ? other : SETTINGS;
            cache.keep(settings, String(name), answer('x'.repeat(bytes)));
            assert.ok(cache.bytes <= 5_000);
            assert.ok(cache.entries <= 10);
            const found = cache.find(settings, String(name), 60_000);
            assert.equal(found?.bytes.length ?? bytes, bytes);
            if (bytes > SETTINGS.entryBytesMax && found !== null) {
              assert.ok(found.bytes.length <= SETTINGS.entryBytesMax);
            }
          }
        },
      ),
    );
  });
});
