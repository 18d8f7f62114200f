import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type BookItem, readBook, writeBook } from './book.ts';
import { canonicalTerms } from './terms.ts';
import { anyTerms } from './terms-fixture.ts';

const anyName = fc.stringMatching(/^[a-z]{1,8}\/[a-z0-9.-]{1,12}$/);
const anyStart = fc.option(
  fc
    .date({ min: new Date('2030-01-01'), max: new Date('2031-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
);
const anyBook: fc.Arbitrary<readonly BookItem[]> = fc.uniqueArray(
  fc.record({
    model: anyName,
    currency: fc.constant('CNY' as const),
    effectiveFrom: anyStart,
    terms: anyTerms,
  }),
  { maxLength: 4, selector: ({ model, effectiveFrom }) => `${model} ${effectiveFrom}` },
);

for (const format of ['json', 'csv'] as const) {
  describe(`a price book as ${format}`, () => {
    it('reads back the same, and is written the same again', () => {
      fc.assert(
        fc.property(anyBook, (book) => {
          const text = writeBook(book, format);
          const { items, faults } = readBook(text, format);

          assert.deepEqual(faults, []);
          const back = items.map(({ item }) => item);
          const byName = (items: readonly BookItem[]) =>
            new Map(items.map((item) => [`${item.model} ${item.effectiveFrom}`, item]));
          assert.deepEqual(
            byName(back),
            byName(book.map((item) => ({ ...item, terms: canonicalTerms(item.terms) }))),
          );
          assert.equal(writeBook(back, format), text);
        }),
        { numRuns: 60 },
      );
    });
  });
}

const HEADER =
  'model,currency,effective_from,kind,unit,direction,mode,per,up_to,amount,times,without,service_tier,region,thinking,cache_kind,cache_ttl,resolution';

describe('a price book that cannot be read', () => {
  it('says the line of every fault, and gives nothing', () => {
    const csv = [
      HEADER,
      'me/a,CNY,,rate,token,input,,1000000,,0.3,,,,,,,,',
      'me/a,CNY,,rate,token,output,,1000000,,-1,,,,,,,,',
      'me/a,CNY,,rate,furlong,input,,1,,1,,,,,,,,',
      'me/b,XYZ,,rate,token,input,,1000000,,1,,,,,,,,',
      'me/c,CNY,soon,rate,token,input,,1e3,,1,,,,,maybe,,,',
      'me/d,CNY,,rate,token,input,,1000000,32000,1,,,,,,,,',
      'me/e,CNY,,rate,token,input,,1000000,,NaN,,,,,,,,',
      'me/f,CNY,,gift,,,,,,,,,,,,,,',
      'me/f,CNY,,rate,token,input,,1000000,32e3,1,,,,,,,,',
      'me/g,CNY,,rate,token,input,,1000000,,1,,,,,,,,',
      'me/g,CNY,,region,,,,,,,x,,,west,,,,',
    ].join('\n');

    const { items, faults } = readBook(csv, 'csv');

    assert.deepEqual(items, []);
    assert.deepEqual(
      faults.map(({ line, message }) => [line, message.split(/[:;.]/)[0]]),
      [
        [4, 'unit'],
        [5, 'The currency "XYZ" is unknown'],
        [6, 'thinking is yes, no or empty'],
        [6, '"soon" is no time'],
        [7, 'The last tier has no end'],
        [8, 'amount'],
        [9, 'kind is one of rate, service_tier, region'],
        [10, 'up_to is a whole number'],
        [12, 'regions'],
      ],
    );
  });

  it('says the lines of JSON too', () => {
    const good = {
      unit: 'token',
      direction: 'input',
      per: 1_000_000,
      tiers: [{ upTo: null, amount: '1' }],
    };
    const prices = [
      { model: 'me/a', terms: { rates: [good] } },
      { model: 'me/a', terms: { rates: [{ ...good, tiers: [{ upTo: null, amount: '-1' }] }] } },
    ];
    const text = JSON.stringify({ format: 'flywheel-prices-1', prices }, null, 1);
    const lines = text.split('\n');

    const { faults } = readBook(text, 'json');

    assert.deepEqual(
      faults.map(({ line }) => lines[line - 1]?.trim()),
      ['{', '"amount": "-1"'],
    );
    assert.match(faults[0]?.message ?? '', /same instant on line 4/);
    const [broken] = readBook(text.replace('"me/a"', 'me/a'), 'json').faults;
    assert.equal(broken?.line, 5);
    assert.equal(readBook(text.slice(0, -4), 'json').faults[0]?.line, lines.length - 1);
    const [unknown] = readBook(text.replace('"per"', '"pre"'), 'json').faults;
    assert.match(unknown?.message ?? '', /per/);
  });

  it('has no columns that nobody knows', () => {
    const { faults } = readBook('model,colour\nme/a,red\n', 'csv');

    assert.deepEqual(faults, [{ line: 1, message: 'There is no column "colour".' }]);
  });

  it('has no quotes that never end', () => {
    assert.equal(readBook(`${HEADER}\n"me/a,CNY`, 'csv').faults.length, 1);
  });
});
