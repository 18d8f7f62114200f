import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addAmounts } from './commands/usage.ts';
import {
  formatAgo,
  formatAmount,
  formatBytes,
  formatDuration,
  formatParameters,
  parseExpiry,
} from './format.ts';
import { renderProgress } from './progress.ts';
import { renderTable } from './table.ts';
import { createTerminal } from './terminal.ts';
import { displayWidth, oneLine, printable } from './text.ts';

describe('the width of text', () => {
  it('is two columns for CJK and emoji, none for marks and colours', () => {
    const widths = [
      'abc',
      '模型',
      'ｆｕｌｌ',
      'é',
      '👍',
      '👨‍👩‍👧',
      '\u001b[1mbold\u001b[22m',
      '한글',
      'かな',
    ];

    assert.deepEqual(widths.map(displayWidth), [3, 4, 8, 1, 2, 2, 4, 4, 4]);
  });
});

describe('text from others', () => {
  it('never holds what a terminal obeys', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // oxlint-disable-next-line no-control-regex -- these are what must be gone
        assert.doesNotMatch(printable(text), /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
        assert.doesNotMatch(oneLine(text), /\n/);
      }),
    );
    assert.equal(oneLine('a\u001b]0;title\u0007b\r\nc'), 'a]0;titleb c');
  });
});

describe('a table', () => {
  it('is aligned, whatever the script', () => {
    const rows = [
      { name: 'qwen/千问', size: '1 B' },
      { name: 'a/b', size: '123 B' },
    ];

    const table = renderTable(
      [
        { title: 'MODEL', value: ({ name }) => name },
        { title: 'SIZE', align: 'right', value: ({ size }) => size },
      ],
      rows,
      (text) => text,
    );

    assert.deepEqual(table.split('\n'), [
      'MODEL       SIZE',
      'qwen/千问    1 B',
      'a/b        123 B',
    ]);
  });
});

describe('numbers', () => {
  it('are short and right', () => {
    assert.deepEqual([0, 1023, 1536, 5 * 2 ** 30, 640 * 2 ** 20].map(formatBytes), [
      '0 B',
      '1023 B',
      '1.5 KiB',
      '5.0 GiB',
      '640 MiB',
    ]);
    assert.deepEqual([0, 61_000, 3_725_000, 10 * 86_400_000].map(formatDuration), [
      '0 s',
      '1 min 1 s',
      '1 h 2 min',
      '10 d',
    ]);
    assert.equal(
      formatAgo('2030-01-01T00:00:00Z', Date.parse('2030-01-01T00:03:20Z')),
      '3 min ago',
    );
    assert.deepEqual(['0.001200000000', '5', '5.000000000000', '10'].map(formatAmount), [
      '0.0012',
      '5',
      '5',
      '10',
    ]);
  });

  it('of parameters are what models are named with', () => {
    assert.deepEqual(
      [104_000, 22_400_000, 596_049_920, 4_020_000_000, 72e9].map(formatParameters),
      ['0.1M', '22M', '0.6B', '4B', '72B'],
    );
  });

  it('add up exactly', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 30n), fc.bigInt(0n, 10n ** 30n), (left, right) => {
        const text = (pico: bigint): string => {
          const digits = pico.toString().padStart(13, '0');
          return `${digits.slice(0, -12)}.${digits.slice(-12)}`;
        };

        assert.equal(addAmounts(text(left), text(right)), text(left + right));
      }),
    );
    assert.equal(addAmounts('1', '0.5'), '1.500000000000');
  });
});

describe('the end of a key', () => {
  it('is a span or a time', () => {
    const nowMs = Date.parse('2030-01-01T00:00:00Z');

    assert.equal(parseExpiry('12h', nowMs), '2030-01-01T12:00:00.000Z');
    assert.equal(parseExpiry('30d', nowMs), '2030-01-31T00:00:00.000Z');
    assert.equal(parseExpiry('2031-05-06', nowMs), '2031-05-06T00:00:00.000Z');
    for (const text of ['', 'soon', '5', '-1d', '5m']) assert.equal(parseExpiry(text, nowMs), null);
  });
});

describe('a progress bar', () => {
  const half = { label: 'downloading', done: 2 ** 29, total: 2 ** 30, bytesPerSecond: 2 ** 24 };

  it('says how much, how fast and how long still', () => {
    assert.equal(
      renderProgress(half, 100),
      'downloading  ███████████████░░░░░░░░░░░░░░░  50%  512 MiB of 1.0 GiB  16.0 MiB/s  32 s left',
    );
  });

  it('fits its terminal, and does without a total', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 70, max: 300 }),
        fc.double({ min: 0, max: 1 }),
        (columns, part) => {
          const line = renderProgress({ ...half, done: half.total * part }, columns);

          assert.ok(displayWidth(line) <= columns, line);
        },
      ),
    );
    assert.equal(
      renderProgress({ label: 'hashing', done: 1024, total: null, bytesPerSecond: null }, 80),
      'hashing  1.0 KiB',
    );
  });
});

describe('colours', () => {
  const stream = (isTTY: boolean, hasColors: boolean) =>
    Object.assign(Object.create(process.stdout), { isTTY, hasColors: () => hasColors });

  it('appear only on a terminal that has them', () => {
    const styled = (isTTY: boolean, hasColors: boolean): string => {
      const stdout = stream(isTTY, hasColors);
      return createTerminal({ stdin: process.stdin, stdout, stderr: stdout }).out.style('red', 'x');
    };

    assert.equal(styled(true, true), '\u001b[31mx\u001b[39m');
    assert.equal(styled(true, false), 'x');
    assert.equal(styled(false, true), 'x');
  });
});
