import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { writeTinyGguf } from '../../../test/tiny-gguf.ts';
import { createInference } from './inference.ts';
import { loadModel } from './load.ts';
import { DEFAULT_SAMPLING, parseSampling } from './sampling.ts';
import type { Inference, InferenceRequest } from './inference.ts';

describe('inference', () => {
  let folder: string;
  let inference: Inference;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flywheel-inference-'));
    const weightsPath = join(folder, 'tiny.gguf');
    await writeTinyGguf(weightsPath);
    const launch = { type: 'launch', key: 'k', model: 'm', weightsPath, parallel: 1 } as const;
    const hooks = { progress: () => {}, log: () => {} };
    const loaded = await loadModel({ ...launch, contextLength: 1_024, threads: 1 }, hooks);
    inference = createInference(loaded, () => performance.now());
  });
  after(async () => {
    await inference.loaded.llama.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const request = (text: string, signal: AbortSignal): InferenceRequest => ({
    prompt: inference.loaded.model.tokenize(text),
    promptParam: 'prompt',
    sampling: parseSampling({ ignore_eos: true }, DEFAULT_SAMPLING, () => 1),
    tokensMax: 500,
    grammar: null,
    grammarAfterReasoning: false,
    logprobs: null,
    answer: {
      stops: [],
      reasoning: false,
      reasoningPrefilled: false,
      tools: false,
      oneCall: false,
    },
    signal,
  });

  it('ends within one token when the caller leaves', async () => {
    const abort = new AbortController();
    let steps = 0;

    const run = inference.run(request('hello', abort.signal), () => {
      steps += 1;
      if (steps === 5) abort.abort(new Error('left'));
      return undefined;
    });

    await assert.rejects(run, { message: 'left' });
    assert.equal(steps, 5);
    assert.equal(inference.stats().running, 0);
    const [sequence] = inference.loaded.sequences;
    // The prompt, the five tokens, and at most the one that was under way.
    assert.ok((sequence?.contextTokens.length ?? 0) <= 1 + 5 + 1);
  });

  it('does not finish reading a long prompt for a caller who left', async () => {
    const abort = new AbortController();
    const run = inference.run(request('x y z '.repeat(150), abort.signal), () => undefined);
    abort.abort(new Error('left'));

    await assert.rejects(run, { message: 'left' });
    const { sequences, context } = inference.loaded;
    assert.ok((sequences[0]?.contextTokens.length ?? 0) <= context.batchSize);
  });

  it('answers as if new on a sequence that was broken off', async () => {
    const signal = new AbortController().signal;
    const short = (text: string) => ({ ...request(text, signal), tokensMax: 12 });
    const text = async (prompt: string): Promise<string> => {
      let out = '';
      await inference.run(short(prompt), ({ events }) => {
        for (const event of events) out += event.type === 'text' ? event.text : '';
        return undefined;
      });
      return out;
    };

    const before = await text('hello');
    await text('something else');

    assert.equal(await text('hello'), before);
  });

  it('fills the context to its last token and no further', async () => {
    const signal = new AbortController().signal;
    const full = { ...request('a b c', signal), tokensMax: null };

    const { finish, usage } = await inference.run(full, () => undefined);

    assert.equal(finish, 'length');
    assert.equal(usage.total_tokens, inference.loaded.contextLength);
  });
});
