import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { createJsonGrammar } from './json-grammar.ts';
import type { JsonSchema } from './json-grammar.ts';

function rulesOf(schema: JsonSchema, strict = false): string {
  const grammar = createJsonGrammar();
  return grammar.build(grammar.add(schema, { strict, param: 'schema' }));
}

describe('grammars of JSON schemas', () => {
  it('have a rule for everything they mention, and mention no rule twice', () => {
    const text = rulesOf({
      type: 'object',
      properties: {
        name: { type: ['string', 'null'], minLength: 1 },
        'odd "key"\n': { const: 'x' },
        when: { type: 'string', format: 'date-time' },
        pair: { prefixItems: [{ type: 'integer' }, { type: 'number' }] },
        tree: { $ref: '#/$defs/node' },
        any: true,
        either: { anyOf: [{ type: 'boolean' }, { enum: [1, 'two', null] }] },
        both: { allOf: [{ properties: { a: {} } }, { properties: { b: {} }, required: ['b'] }] },
      },
      required: ['name'],
      additionalProperties: { type: 'integer' },
      $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } },
    });

    const names = text.split('\n').map((line) => line.split(' ::= ')[0]);
    assert.equal(new Set(names).size, names.length);
    const withoutTexts = text
      .replace(/"(?:[^"\\]|\\.)*"/g, '')
      .replace(/\[(?:[^\]\\]|\\.)*\]/g, '');
    for (const used of withoutTexts.match(/[a-z]\w*/g) ?? []) assert.ok(names.includes(used), used);
  });

  it('let optional members be left out, in schema order', () => {
    const text = rulesOf({
      type: 'object',
      properties: { a: { type: 'null' }, b: { type: 'null' } },
      required: ['b'],
    });

    assert.match(text, /r0 ::= "\\"b\\":" space null/);
    assert.match(text, /r3 ::= "\\"a\\":" space null/);
    assert.match(text, /r4 ::= r3 r2 \| r1/);
    assert.match(text, /r6 ::= "\{" space r4 "\}" space/);
  });

  it('hold counted repetitions to what the parser takes', () => {
    assert.match(rulesOf({ type: 'string', minLength: 2, maxLength: 5 }), /char\{2,5\}/);
    assert.match(rulesOf({ type: 'string', maxLength: 1_000_000 }), /"\\"" char\* "\\""/);
    assert.match(
      rulesOf({ type: 'array', items: {}, minItems: 2 }),
      /value \("," space value\)\{1,\}/,
    );
  });

  it('refuse what they cannot hold when the schema is strict', () => {
    const bad = { type: 'object', properties: { a: { type: 'string', pattern: '^a' } } };

    assert.throws(() => rulesOf(bad, true), { code: 'invalid_value', message: /pattern/ });
    assert.doesNotThrow(() => rulesOf(bad));
    const integer = { type: 'integer', minimum: Number.MIN_SAFE_INTEGER };
    assert.doesNotThrow(() => rulesOf(integer, true));
  });

  it('refuse schemas that point nowhere or never end', () => {
    assert.throws(() => rulesOf({ $ref: '#/$defs/missing' }), { code: 'invalid_value' });
    assert.throws(() => rulesOf({ $ref: 'https://example.com/schema' }), { code: 'invalid_value' });
    let deep: JsonSchema = { type: 'null' };
    for (let depth = 0; depth < 100; depth += 1) deep = { type: 'array', items: deep };
    assert.throws(() => rulesOf(deep), { code: 'invalid_value', message: /deep/ });
  });
});
