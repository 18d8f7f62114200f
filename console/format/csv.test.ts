import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toCsv } from './csv.ts';

describe('a table as a file', () => {
  it('quotes what needs it and keeps every digit', () => {
    assert.equal(
      toCsv(
        ['day', 'name', 'amount'],
        [
          ['2027-01-01', 'a "b", c', '0.000000000001'],
          ['2027-01-02', 'line\nbreak', -3],
        ],
      ),
      'day,name,amount\r\n2027-01-01,"a ""b"", c",0.000000000001\r\n2027-01-02,"line\nbreak",-3\r\n',
    );
  });

  it('never hands a spreadsheet a formula', () => {
    for (const text of ['=1+1', '+cmd', '-x', '@sum']) {
      assert.equal(toCsv(['n'], [[text]]), `n\r\n'${text}\r\n`);
    }
    assert.equal(toCsv(['n'], [['-1.5']]), 'n\r\n-1.5\r\n');
  });
});
