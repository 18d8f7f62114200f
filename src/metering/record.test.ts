import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { identityOf, settledOf } from '../../test/usage-records.ts';
import { parseRecord, parseSettled } from './record.ts';
import { quantitiesOf } from './usage-event.ts';

const plain = settledOf(identityOf());

describe('a settled record', () => {
  it('of before there were units and attributes reads as it was written', () => {
    const { record } = parseSettled(JSON.parse(JSON.stringify(plain)));

    assert.deepEqual(record, plain);
    assert.deepEqual(record === null ? null : quantitiesOf(record), plain.usage);
  });

  it('keeps its units, its attributes and what was written for an hour', () => {
    const rich = {
      ...plain,
      usage: { ...plain.usage, cacheWrite1h: 7 },
      units: [
        { unit: 'image', direction: 'output', count: 2 },
        { unit: 'second', direction: 'input', count: 12_500 },
      ],
      attributes: {
        isThinking: true,
        cacheKind: 'explicit',
        resolution: '1024x1024',
        region: 'cn',
      },
    };

    const { record } = parseSettled(JSON.parse(JSON.stringify(rich)));

    assert.deepEqual(record, rich);
    assert.deepEqual(record === null ? null : quantitiesOf(record), {
      ...rich.usage,
      units: rich.units,
      attributes: rich.attributes,
    });
  });

  it('is read although a newer gateway knows another attribute', () => {
    const { record } = parseSettled({ ...plain, attributes: { isThinking: true, mood: 'good' } });

    assert.deepEqual(record?.attributes, { isThinking: true });
  });

  for (const units of [
    [{ unit: 'token', direction: 'input', count: 1 }],
    [{ unit: 'image', direction: 'output', count: -1 }],
    [{ unit: 'image', direction: 'output', count: 0.5 }],
    [{ unit: 'parsec', direction: 'output', count: 1 }],
    Array.from({ length: 21 }, () => ({ unit: 'image', direction: 'output', count: 1 })),
  ]) {
    it(`is not taken with ${units.length} units such as ${JSON.stringify(units[0])}`, () => {
      assert.equal(parseSettled({ ...plain, units }).record, null);
    });
  }
});

describe('a journal', () => {
  it('is read with records of both kinds in it', () => {
    const bytes = Buffer.from(
      JSON.stringify({ ...plain, units: [{ unit: 'page', direction: 'input', count: 3 }] }),
    );

    assert.equal(parseRecord(bytes)?.kind, 'settled');
    assert.equal(parseRecord(Buffer.from(JSON.stringify(plain)))?.kind, 'settled');
  });
});
