import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Inline, parseInline } from './parse-inline.ts';
import { type Block, parseMarkdown } from './parse-markdown.ts';

describe('parseMarkdown', () => {
  it('reads headings, paragraphs, lists, tables, quotes and code', () => {
    const kinds = parseMarkdown(
      '# Title\n\nSome text\ngoes on.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> said\n\n```ts\nlet x;\n```\n\n---',
    ).map(({ kind }) => kind);

    assert.deepEqual(kinds, ['heading', 'paragraph', 'list', 'table', 'quote', 'code', 'rule']);
  });

  it('nests lists by their indent', () => {
    const [list] = parseMarkdown('1. one\n   - inner\n   - more\n2. two');

    assert.equal(list?.kind, 'list');
    const [first, second] = list?.kind === 'list' ? list.items : [];
    assert.deepEqual(
      first?.map(({ kind }) => kind),
      ['paragraph', 'list'],
    );
    assert.equal(second?.length, 1);
  });

  it('shows the code of a fence that has not ended yet', () => {
    assert.deepEqual(parseMarkdown('```python\nprint(1)'), [
      { kind: 'code', language: 'python', text: 'print(1)' },
    ]);
  });

  it('leaves markup of the page what it is: text', () => {
    assert.deepEqual(parseMarkdown('<script>alert(1)</script>'), [
      { kind: 'paragraph', text: '<script>alert(1)</script>' },
    ]);
  });

  it('reads formulas of their own, and none that never ends', () => {
    assert.deepEqual(parseMarkdown('$$\na = b\n$$\n\n\\[c\\]\n\n$$ open'), [
      { kind: 'math', text: 'a = b' },
      { kind: 'math', text: 'c' },
      { kind: 'paragraph', text: '$$ open' },
    ]);
  });

  it('loses no word, whatever stands around it', () => {
    // Without fences: what stands behind their opening is the name of a language.
    const piece = fc.constantFrom(
      'word',
      '\n',
      '\n\n',
      '- ',
      '  ',
      '> ',
      '| ',
      '#',
      '1. ',
      '*',
      '_',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        assert.equal(count(wordsOf(parseMarkdown(text))), count(text), JSON.stringify(text));
      }),
    );
  });

  it('ends, whatever the text', () => {
    const piece = fc.constantFrom('word', '\n', '- ', '    ', '> ', '```', '~~~', '|---|', '1. ');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 80 }), (pieces) => {
        parseMarkdown(pieces.join(''));
      }),
    );
  });
});

describe('parseInline', () => {
  it('reads code, strong, emphasis and links', () => {
    const kinds = parseInline('a `b` **c** *d* ~~e~~ [f](https://g.example) https://h.example').map(
      ({ kind }) => kind,
    );

    assert.deepEqual(
      kinds.filter((kind) => kind !== 'text'),
      ['code', 'strong', 'emphasis', 'strike', 'link', 'link'],
    );
  });

  it('makes no link of an address that could run something', () => {
    for (const href of [
      'javascript:alert(1)',
      'data:text/html,x',
      '/cloud/v1/keys',
      'JAVASCRIPT:x',
    ]) {
      assert.deepEqual(parseInline(`[x](${href})`).filter(isLink), [], href);
    }
  });

  it('reads pictures, formulas and places of the same repository', () => {
    assert.deepEqual(
      parseInline('![a](b.png) $x^2$ \\(y\\) [d](docs/e.md) [f](#g)').filter(isMore),
      [
        { kind: 'image', src: 'b.png', alt: 'a' },
        { kind: 'math', text: 'x^2' },
        { kind: 'math', text: 'y' },
        { kind: 'place', href: 'docs/e.md', children: [{ kind: 'text', text: 'd' }] },
        { kind: 'place', href: '#g', children: [{ kind: 'text', text: 'f' }] },
      ],
    );
  });

  it('takes no prices for formulas', () => {
    for (const text of ['from $5 to $6', 'US$5 and US$6', '$5, $6', 'a \\$5$ b']) {
      assert.deepEqual(parseInline(text).filter(isMore), [], text);
    }
  });

  it('leaves snake_case and 2*3*4 alone', () => {
    assert.deepEqual(parseInline('max_tokens_limit and 2*3*4'), [
      { kind: 'text', text: 'max_tokens_limit and 2*3*4' },
    ]);
  });
});

function isMore({ kind }: Inline): boolean {
  return kind !== 'text';
}

function isLink({ kind }: Inline): boolean {
  return kind === 'link';
}

function count(text: string): number {
  return text.match(/word/g)?.length ?? 0;
}

function wordsOf(blocks: readonly Block[]): string {
  return blocks
    .map((block) => {
      if (block.kind === 'rule') return '';
      if (block.kind === 'quote') return wordsOf(block.blocks);
      if (block.kind === 'list') return block.items.map((item) => wordsOf(item)).join(' ');
      if (block.kind === 'table') return [block.head, ...block.rows].flat().join(' ');
      return block.text;
    })
    .join(' ');
}
