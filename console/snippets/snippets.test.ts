/**
 * The snippets as their languages read them.
 *
 * @needs python
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { type SnippetLanguage, writeSnippets } from './snippets.ts';
import { type SnippetWire, WIRES } from './wires.ts';

const PYTHON = process.env['TEST_PYTHON'] ?? 'python3';
const TRICKY = `It's "quoted", $HOME, \`ticks\` and 中文\nover two lines`;

const codeFor = (language: SnippetLanguage, wire: SnippetWire = 'chat'): string =>
  writeSnippets(
    {
      url: 'http://localhost:8080',
      model: 'owner/model',
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: TRICKY },
      ],
      temperature: 0.5,
      thinking: false,
    },
    wire,
  ).find((snippet) => snippet.language === language)?.code ?? '';

/** What the shell would hand to curl. */
function curlBody(wire: SnippetWire): Readonly<Record<string, unknown>> {
  const shown = codeFor('curl', wire).replace(/^curl /, 'printf "%s\\n" ');
  const lines = execFileSync('bash', ['-c', shown], { encoding: 'utf8' });
  return JSON.parse(lines.slice(lines.indexOf('\n-d\n') + 4));
}

describe('the curl snippet', () => {
  it('sends exactly the text, whatever is in it', () => {
    const body = curlBody('chat');
    assert.partialDeepStrictEqual(body, {
      messages: [{ role: 'system' }, { role: 'user', content: TRICKY }],
      chat_template_kwargs: { enable_thinking: false },
    });
  });

  it('says the same in the words of each API', () => {
    assert.partialDeepStrictEqual(curlBody('responses'), {
      instructions: 'Be kind.',
      input: [{ role: 'user', content: TRICKY }],
    });
    assert.partialDeepStrictEqual(curlBody('messages'), {
      system: 'Be kind.',
      messages: [{ role: 'user', content: TRICKY }],
      max_tokens: 1024,
      thinking: { type: 'disabled' },
    });
    assert.partialDeepStrictEqual(curlBody('dashscope'), {
      input: { messages: [{ role: 'system' }, { role: 'user', content: TRICKY }] },
      parameters: { result_format: 'message', enable_thinking: false, temperature: 0.5 },
    });
  });

  it('names the headers of each API', () => {
    assert.match(codeFor('curl', 'messages'), /x-api-key: \$FLYWHEEL_API_KEY/);
    assert.match(codeFor('curl', 'messages'), /anthropic-version/);
    assert.match(codeFor('curl', 'dashscope'), /X-DashScope-SSE: enable/);
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

  for (const wire of WIRES) {
    it(`is Python that compiles, for ${wire}`, () => {
      const script = 'import ast, sys; ast.parse(sys.stdin.read())';
      execFileSync(PYTHON, ['-c', script], { input: codeFor('python', wire) });
    });
  }
});

describe('the Node snippet', () => {
  it('writes JavaScript that names what it sends', () => {
    const code = codeFor('node');

    assert.match(code, /baseURL: 'http:\/\/localhost:8080\/v1'/);
    assert.match(code, /^ {2}model: "owner\/model",$/m);
  });

  for (const wire of WIRES) {
    it(`is JavaScript that compiles, for ${wire}`, () => {
      const flags = ['--input-type=module', '--check', '-'];
      execFileSync(process.execPath, flags, { input: codeFor('node', wire) });
    });
  }
});
