import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expectedUse, heardUse, spokenUse, usedIn, within } from './units.ts';

const image = (count: number) => ({ unit: 'image', direction: 'output', count });
const heard = (count: number) => ({ unit: 'second', direction: 'input', count });

describe('images', () => {
  it('are paid by the picture that was made', () => {
    const asked = expectedUse('images', { n: 3, size: '1024*1024' });
    const made = usedIn('images', {
      data: [{ url: 'https://x' }, { error: 'no' }, { b64_json: '' }],
    });

    assert.deepEqual(asked, { units: [image(3)], attributes: { resolution: '1024x1024' } });
    assert.deepEqual(within(asked, made), {
      use: { units: [image(1)], attributes: { resolution: '1024x1024' } },
      isClamped: false,
    });
  });

  it('beyond what was asked for are nobody’s to pay', () => {
    const made = usedIn('images', { data: [{ url: 'a' }, { url: 'b' }], size: '512x512' });

    assert.deepEqual(within(expectedUse('images', { size: 'auto' }), made), {
      use: { units: [image(1)], attributes: { resolution: '512x512' } },
      isClamped: true,
    });
  });
});

describe('speech', () => {
  it('is paid by the character, and an emoji is one', () => {
    const expected = expectedUse('speech', { input: '你好👋!' });

    assert.deepEqual(expected.units, [
      { unit: 'character', direction: 'input', count: 4 },
      { unit: 'second', direction: 'output', count: 8_000 },
    ]);
    assert.deepEqual(spokenUse(expected, 1_250.9).units, [
      { unit: 'character', direction: 'input', count: 4 },
      { unit: 'second', direction: 'output', count: 1_250 },
    ]);
  });
});

describe('what is heard', () => {
  it('is as long as the engine says, in either of its ways', () => {
    const usage = { type: 'duration', seconds: 9 };
    assert.deepEqual(usedIn('transcriptions', { text: 'Hi', usage }).units, [heard(9_000)]);
    assert.deepEqual(usedIn('transcriptions', { duration: '8.47' }).units, [heard(8_470)]);
    assert.deepEqual(usedIn('transcriptions', { text: 'Hi' }).units, []);
  });

  it('is held for at its thinnest and paid at its thickest where its bytes do not say', () => {
    const { expected, known } = heardUse(Buffer.alloc(80_000, 'webm'));

    assert.deepEqual([expected.units, known.units], [[heard(80_000)], [heard(2_000)]]);
  });
});

describe('videos and pages', () => {
  it('are paid by the second in their resolution', () => {
    const asked = expectedUse('videos', { seconds: '5', size: '1280x720', n: 2 });
    const made = usedIn('videos', {
      data: [
        { url: 'a', duration: 4.9 },
        { url: 'b', duration: 5 },
      ],
    });

    assert.deepEqual(within(asked, made).use, {
      units: [{ unit: 'video_second', direction: 'output', count: 9_900 }],
      attributes: { resolution: '1280x720' },
    });
    assert.deepEqual(usedIn('videos', { usage: { video_duration: 5 } }).units, [
      { unit: 'video_second', direction: 'output', count: 5_000 },
    ]);
  });

  it('are paid by the page that was read', () => {
    const page = (count: number) => [{ unit: 'page', direction: 'input', count }];

    assert.deepEqual(expectedUse('ocr', { pages: [0, 1] }).units, page(2));
    assert.deepEqual(expectedUse('ocr', { document: { type: 'image_url' } }).units, page(1));
    assert.deepEqual(expectedUse('ocr', { document: { type: 'document_url' } }).units, page(1_000));
    assert.deepEqual(usedIn('ocr', { pages: [{}, {}] }).units, page(2));
    assert.deepEqual(usedIn('ocr', { usage_info: { pages_processed: 7 } }).units, page(7));
  });
});
