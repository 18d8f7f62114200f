import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { type SnippetLanguage, writeSnippets } from './snippets.ts';

const TRICKY = `It's "quoted", $HOME, \`ticks\` and 中文\nover two lines`;

const codeFor = (language: SnippetLanguage): string =>
  writeSnippets({
    url: 'http://localhost:8080',
    model: 'owner/model',
    messages: [{ role: 'user', content: TRICKY }],
    temperature: 0.5,
    thinking: false,
  }).find((snippet) => snippet.language === language)?.code ?? '';

describe('the curl snippet', () => {
  it('sends exactly the text, whatever is in it', () => {
    const shown = codeFor('curl').replace(/^curl /, 'printf "%s\\n" ');
    const lines = execFileSync('bash', ['-c', shown], { encoding: 'utf8' });

    const body: { messages: { content: string }[]; chat_template_kwargs: object } = JSON.parse(
      lines.slice(lines.indexOf('\n-d\n') + 4),
    );
    assert.equal(body.messages[0]?.content, TRICKY);
    assert.deepEqual(body.chat_template_kwargs, { enable_thinking: false });
  });
});

describe('the Python snippet', () => {
  it('writes Python', () => {
    const code = codeFor('python');

    assert.match(code, /base_url="http:\/\/localhost:8080\/v1"/);
    assert.match(code, /temperature=0\.5,/);
    assert.match(code, /"enable_thinking": False/);
    assert.doesNotMatch(code, /top_p/);
  });
});

describe('the Node snippet', () => {
  it('writes JavaScript that names what it sends', () => {
    const code = codeFor('node');

    assert.match(code, /baseURL: 'http:\/\/localhost:8080\/v1'/);
    assert.match(code, /^ {2}model: "owner\/model",$/m);
  });
});
