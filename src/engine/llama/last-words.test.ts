import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';

import { watchLastWords } from './last-words.ts';

async function wordsOf(...chunks: string[]): Promise<string | null> {
  const stream = new PassThrough();
  const words = watchLastWords(stream);
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await once(stream, 'end');
  return words();
}

describe('the last words of an engine', () => {
  it('are the first line that names a fatal cause, in whatever pieces it comes', async () => {
    const line = 'GGML_ASSERT(n_tokens <= n_batch) failed';

    assert.equal(
      await wordsOf('noise\n/src/ggml.c:12: GGML_', `ASSERT(x) failed\n${line}\n`),
      '/src/ggml.c:12: GGML_ASSERT(x) failed',
    );
    assert.equal(await wordsOf(line), line);
  });

  it('never quote what may be a request', async () => {
    const grammar = 'parse: error parsing grammar: Undefined rule\n\nroot ::= "secret"\n';

    assert.equal(await wordsOf(grammar), null);
  });
});
