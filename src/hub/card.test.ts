import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { basesOf, parseCard, summaryOf } from './card.ts';

const CARD = `---
license: apache-2.0 # ours
tags:
- chat
  - "code"
language: [en, 'zh']
base_model: Qwen/Qwen3-0.6B
model-index:
  - name: nested
    results: []
---

# Title

![badge](https://example.com/x.svg)

A **small** model for [everyone](https://example.com). It says
little.

More.
`;

describe('parseCard', () => {
  it('reads texts and lists of the front matter', () => {
    const card = parseCard(CARD);

    assert.deepEqual(card.fields.get('license'), ['apache-2.0']);
    assert.deepEqual(card.fields.get('tags'), ['chat', 'code']);
    assert.deepEqual(card.fields.get('language'), ['en', 'zh']);
    assert.match(card.body, /^# Title/);
  });

  it('takes the first paragraph of prose as the summary', () => {
    assert.equal(summaryOf(parseCard(CARD)), 'A small model for everyone. It says little.');
    assert.equal(summaryOf(parseCard('')), '');
  });

  it('takes a card without front matter as it is', () => {
    assert.equal(parseCard('just text').body, 'just text');
    assert.equal(parseCard('---\nopen: forever').body, '---\nopen: forever');
  });

  it('never fails, whatever it is given', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom('---', '- x', 'a: b', 'a:', '  - "', 'b: [a, ', "c: 'd", '  e: f'),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        summaryOf(parseCard(lines.join('\n')));
        summaryOf(parseCard(['---', ...lines, '---', ...lines].join('\n')));
      }),
    );
  });
});

describe('basesOf', () => {
  const weights = { isAdapter: false, format: 'gguf', bases: [] };

  it("takes the card's word, and infers the relation it leaves out", () => {
    const card = parseCard(CARD);
    const merge = parseCard('---\nbase_model:\n- a/b\n- c/d\n---');
    const claimed = parseCard('---\nbase_model: a/b\nbase_model_relation: finetune\n---');

    assert.deepEqual(basesOf(card, weights), [{ name: 'Qwen/Qwen3-0.6B', relation: 'quantized' }]);
    assert.equal(basesOf(card, { ...weights, format: 'safetensors' })[0]?.relation, 'finetune');
    assert.equal(basesOf(card, { ...weights, isAdapter: true })[0]?.relation, 'adapter');
    assert.deepEqual(
      basesOf(merge, weights).map((base) => base.relation),
      ['merge', 'merge'],
    );
    assert.equal(basesOf(claimed, weights)[0]?.relation, 'finetune');
  });

  it('falls back on what the weights name', () => {
    const named = { ...weights, isAdapter: true, bases: [{ name: 'a/b', relation: null }] };

    assert.deepEqual(basesOf(parseCard(''), named), [{ name: 'a/b', relation: 'adapter' }]);
  });
});
