import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { NO_USAGE, type UsageBuckets } from '#metering/usage-event.ts';
import { inputTokensOf, outputTokensOf } from '#pricing/quantities.ts';
import { laterUsage, readAnthropic } from './anthropic.ts';
import { readDashScope } from './dashscope.ts';
import { type Clamp, type Said, disjoint } from './disjoint.ts';
import { readGemini } from './gemini.ts';
import { inOpenAiShape } from './middle.ts';
import { readOpenAi } from './openai.ts';
import * as recorded from './recorded-usage.ts';
import { readUsage } from './usage.ts';

type Row = readonly [
  name: string,
  said: Said | null,
  expected: Partial<UsageBuckets>,
  kind?: 'explicit',
];

const { first, last } = recorded.GROWING_STREAM;

/** What the services said, and what that is without overlaps, worked out by hand. */
const ROWS: readonly Row[] = [
  [
    'OpenAI, cached',
    readOpenAi(recorded.CACHED_CHAT),
    { input: 86, cacheRead: 1_920, output: 300 },
  ],
  [
    'OpenAI, a long prompt from the cache',
    readOpenAi(recorded.CACHED_LONG_PROMPT),
    { input: 5_005, cacheRead: 257_955, output: 1_744 },
  ],
  [
    'DeepSeek, hits and misses',
    readOpenAi(recorded.HIT_AND_MISS),
    { input: 100, cacheRead: 9_000, output: 25 },
  ],
  ['OpenAI, images', readOpenAi(recorded.OPENAI_IMAGE), { input: 50, output: 50 }],
  [
    'Anthropic, written for an hour',
    readAnthropic(recorded.WRITTEN_FOR_AN_HOUR),
    { input: 15, cacheWrite1h: 4_803, output: 47 },
    'explicit',
  ],
  [
    'Anthropic, a stream that wrote on',
    readAnthropic(laterUsage(laterUsage({}, first), last)),
    { input: 123_201, cacheRead: 426_653, cacheWrite: 184_457, output: 5_120 },
    'explicit',
  ],
  [
    'Gemini, thoughts',
    readGemini(recorded.GEMINI_THOUGHTS),
    { input: 34, output: 418, reasoning: 438 },
  ],
  ['Gemini, flash', readGemini(recorded.GEMINI_FLASH), { input: 15, output: 359, reasoning: 661 }],
  [
    'Gemini behind OpenAI’s shape',
    readOpenAi(recorded.GEMINI_COMPATIBLE),
    { input: 15, output: 359, reasoning: 661 },
  ],
  [
    'DashScope, written',
    readOpenAi(recorded.QWEN_WRITES),
    { input: 14, cacheWrite: 3_550, output: 23 },
    'explicit',
  ],
  [
    'DashScope, an explicit hit',
    readOpenAi(recorded.QWEN_EXPLICIT_HIT),
    { input: 14, cacheRead: 3_550, output: 34 },
    'explicit',
  ],
  [
    'DashScope, an implicit hit',
    readOpenAi(recorded.QWEN_IMPLICIT_HIT),
    { input: 492, cacheRead: 3_072, output: 42 },
  ],
  [
    'DashScope, thoughts',
    readOpenAi(recorded.QWEN_THINKS),
    { input: 6, cacheRead: 1_486, cacheWrite: 335, output: 25, reasoning: 486 },
    'explicit',
  ],
  [
    'DashScope in its own words',
    readDashScope(recorded.QWEN_THINKS_NATIVE),
    { input: 6, cacheRead: 1_486, cacheWrite: 335, output: 25, reasoning: 486 },
    'explicit',
  ],
  ['DashScope, embeddings', readDashScope(recorded.DASHSCOPE_EMBEDDING), { input: 26 }],
];

describe('what a service said it used', () => {
  for (const [name, said, expected, kind] of ROWS) {
    it(`is without overlaps: ${name}`, () => {
      assert.ok(said !== null);

      const { usage, cacheKind, clamps } = disjoint(said);

      assert.deepEqual(usage, { ...NO_USAGE, ...expected });
      assert.deepEqual([cacheKind, clamps], [kind ?? null, []]);
    });

    it(`says the same in OpenAI’s shape: ${name}`, () => {
      assert.ok(said !== null);

      assert.deepEqual(readUsage(inOpenAiShape(said)), disjoint(said));
    });
  }

  it('is known by the names of its numbers where an engine borrows a shape', () => {
    assert.equal(readUsage(recorded.GEMINI_FLASH)?.usage.reasoning, 661);
    assert.equal(readUsage(recorded.WRITTEN_FOR_AN_HOUR)?.usage.cacheWrite1h, 4_803);
    assert.equal(readUsage(recorded.OPENAI_IMAGE)?.usage.output, 50);
    for (const nothing of [null, {}, [], 'usage', { prompt_tokens: -1 }, { prompt_tokens: 1e12 }]) {
      assert.equal(readUsage(nothing), null);
    }
  });
});

const said = (changes: Partial<Said>): Said => ({
  input: 10,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWrite1h: 0,
  output: 5,
  reasoning: 0,
  total: null,
  cacheKind: null,
  ...changes,
});

describe('a part that is larger than its whole', () => {
  const cases: readonly (readonly [Clamp, Partial<Said>, Partial<UsageBuckets>])[] = [
    ['cache_read_over_input', { cacheRead: 11 }, { cacheRead: 10, output: 5 }],
    [
      'cache_write_over_input',
      { cacheRead: 4, cacheWrite: 9 },
      { cacheRead: 4, cacheWrite: 6, output: 5 },
    ],
    [
      'hour_over_cache_write',
      { cacheWrite: 3, cacheWrite1h: 7 },
      { input: 7, cacheWrite1h: 3, output: 5 },
    ],
    ['reasoning_over_output', { reasoning: 9 }, { input: 10, reasoning: 5 }],
    ['total_differs', { total: 14 }, { input: 10, output: 5 }],
  ];
  for (const [clamp, changes, expected] of cases) {
    it(`is cut to it and named: ${clamp}`, () => {
      const { usage, clamps } = disjoint(said(changes));

      assert.deepEqual([usage, clamps], [{ ...NO_USAGE, ...expected }, [clamp]]);
    });
  }
});

describe('buckets', () => {
  const count = fc.nat(1_000_000);

  it('sum to what was read and made, whatever was said of their parts', () => {
    fc.assert(
      fc.property(
        fc.record({
          input: count,
          cacheRead: count,
          cacheWrite: count,
          cacheWrite1h: count,
          output: count,
          reasoning: count,
          total: fc.option(count),
          cacheKind: fc.constantFrom(null, 'explicit' as const),
        }),
        (anything) => {
          const { usage } = disjoint(anything);

          assert.equal(inputTokensOf(usage), anything.input);
          assert.equal(outputTokensOf(usage), anything.output);
          assert.ok(
            Object.values(usage).every((bucket) => Number.isInteger(bucket) && Number(bucket) >= 0),
          );
        },
      ),
    );
  });
});
