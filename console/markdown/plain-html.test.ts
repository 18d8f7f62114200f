import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { plainHtml } from './plain-html.ts';

describe('plainHtml', () => {
  it('keeps what HTML says and drops how', () => {
    const text = plainHtml(
      '<div align="center"><h1>Title</h1><p>A <b>bold</b> <a href="https://x.example">link</a></p><img src="a b.png" alt="A picture"/></div>',
    );

    assert.match(text, /^# Title$/m);
    assert.match(text, /A \*\*bold\*\* \[link\]\(https:\/\/x\.example\)/);
    assert.match(text, /!\[A picture\]\(a%20b\.png\)/);
    assert.doesNotMatch(text, /[<>]/);
  });

  it('makes a badge a picture with a link', () => {
    assert.equal(
      plainHtml('<a href="https://x.example">\n  <img src="badge.svg" alt="Badge">\n</a>'),
      '[![Badge](badge.svg)](https://x.example)',
    );
  });

  it('makes a table a table', () => {
    const text = plainHtml(
      '<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2|3</td></tr></table>',
    );

    assert.deepEqual(text.trim().split('\n'), [
      '| a | b |',
      '| --- | --- |',
      String.raw`| 1 | 2\|3 |`,
    ]);
  });

  it('drops scripts with what is in them, closed or not', () => {
    for (const hostile of [
      'a<script>alert(1)</script>b',
      'a<SCRIPT src=x>alert(1)</sCript >b',
      'a<style>body{display:none}</style>b',
      'a<iframe src="javascript:alert(1)">alert(1)</iframe>b',
      'a<!-- alert(1) -->b',
    ]) {
      assert.equal(plainHtml(hostile), 'ab', hostile);
    }
    assert.equal(plainHtml('a<script>alert(1)'), 'a');
  });

  it('leaves code and words in brackets that are no tags', () => {
    const text = 'x < y and <think> `<b>` \n```html\n<script>alert(1)</script>\n```\nend';

    assert.equal(plainHtml(text), text);
  });

  it('leaves no known tag, whatever the text', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      'b',
      '<b>',
      '</a>',
      '<a href="',
      '"',
      ' ',
      '<!--',
      '-->',
      '<script',
      '/',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        assert.doesNotMatch(plainHtml(pieces.join('')), /<script\b[^<>]*>/i);
      }),
    );
  });

  it('is quick on what was made to be slow', () => {
    for (const part of ['<a ', '<table>', '<script>', '<!--', '`', '<a href="', '<img src=']) {
      assert.equal(typeof plainHtml(part.repeat(20_000)), 'string');
    }
  });
});
