import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { identityOf, settledOf } from '../../test/usage-records.ts';
import { isPlainRecord } from './plain-record.ts';
import { parseRecord, parseSettled, settledShape } from './record.ts';
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

/** Values that a field may have, and many that it may not. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -0,
    -1,
    0.5,
    3,
    1e21,
    2 ** 31,
    253_402_300_800_000,
    NaN,
    '',
    '12',
    '-1',
  ),
  fc.constantFrom<unknown>(
    'a b',
    'é',
    'x\0',
    '\ud800',
    'x'.repeat(201),
    'finished',
    'hit',
    'flex',
    'engine',
    [],
    {},
  ),
  fc.constantFrom<unknown>(
    [{ unit: 'image', direction: 'output', count: 2 }],
    [{ unit: 'token', direction: 'output', count: 2 }],
    { isThinking: true, mood: 'good' },
    { cacheKind: 'explicit', region: 'cn', resolution: '720p' },
    { resolution: 'x'.repeat(41) },
    { input: 1, cacheRead: 0, cacheWrite: 0, output: 2, reasoning: 0 },
    { input: 1, cacheRead: 0, cacheWrite: 0, output: 2, reasoning: 0, cacheWrite1h: 4 },
    { input: -1, cacheRead: 0, cacheWrite: 0, output: 2, reasoning: 0 },
  ),
);
const fields = [
  ...Object.keys(plain),
  'serviceTier',
  'units',
  'attributes',
  'cache',
  'queueMs',
  'errorCode',
  'other',
];

describe('the quick look at a record', () => {
  it('passes only what has the shape, and changes nothing of it', () => {
    const changes = fc.dictionary(fc.constantFrom(...fields), anything, { maxKeys: 3 });
    fc.assert(
      fc.property(
        changes,
        fc.array(fc.constantFrom(...fields), { maxLength: 1 }),
        (changed, dropped) => {
          const entries = Object.entries({ ...plain, ...changed });
          const record: unknown = Object.fromEntries(
            entries.filter(([key]) => !dropped.includes(key)),
          );
          if (!isPlainRecord(record)) return;
          const parsed = settledShape.safeParse(record);
          assert.ok(parsed.success);
          assert.deepEqual(parsed.data, record);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('passes what gateways write', () => {
    const units = [{ unit: 'image', direction: 'output', count: 2 }] as const;
    const attributes = { isThinking: true, cacheKind: 'explicit', region: 'cn' } as const;
    const rest = {
      serviceTier: 'flex',
      cache: 'hit',
      queueMs: 3,
      errorCode: 'engine.gone',
    } as const;

    assert.ok(isPlainRecord(plain));
    assert.ok(isPlainRecord({ ...plain, units, attributes, ...rest }));
  });
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
