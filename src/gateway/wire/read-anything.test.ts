/** Whatever is sent to a wire is either read or refused in words: never a crash, never a hang. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FlywheelError } from '#platform/error.ts';
import { createId } from '#platform/id.ts';
import { UNMETERED } from '../body-budget.ts';
import { createMapMemory } from '../responses/memory-fixture.ts';
import { compatibleEndpoint } from './dashscope/compatible.ts';
import { NATIVE_ENDPOINTS } from './dashscope/native-endpoints.ts';
import { parseTaskListing, taskFound, taskPage } from './dashscope/task.ts';
import { dashScopeUpstream } from './dashscope/upstream.ts';
import { readTranscription } from './openai/audio.ts';
import { moderationsEndpoint, parseVerdict } from './openai/moderations.ts';
import { passThroughEndpoint } from './openai/pass-through-endpoint.ts';
import type { CallInput, Endpoint } from './wire.ts';

const ENDPOINTS: readonly Pick<Endpoint, 'read'>[] = [
  ...NATIVE_ENDPOINTS.values(),
  compatibleEndpoint('chat'),
  moderationsEndpoint,
  passThroughEndpoint('rerank'),
  passThroughEndpoint('images'),
  passThroughEndpoint('speech'),
];

function inputOf(bytes: Buffer): CallInput {
  const caller = { tenantId: 'ten_one', projectId: 'prj_one' };
  const responses = createMapMemory();
  const input = { bytes, headers: {}, url: '/', requestId: createId('req'), caller, responses };
  return { ...input, room: UNMETERED, nowMs: 0 };
}

function isReadOrRefused(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof FlywheelError, String(error));
    assert.ok(error.status >= 400 && error.status < 500);
  }
}

const readAll = (bytes: Buffer): void => {
  for (const endpoint of ENDPOINTS) isReadOrRefused(() => endpoint.read(inputOf(bytes)));
};

/** Objects that come near a request, with anything in the places that are looked at. */
const nearRequest = fc.record(
  {
    model: fc.oneof(fc.constant('m'), fc.jsonValue()),
    input: fc.oneof(
      fc.jsonValue(),
      fc.record({ messages: fc.array(fc.jsonValue()), prompt: fc.jsonValue() }),
      fc.record({
        texts: fc.array(fc.jsonValue()),
        query: fc.jsonValue(),
        documents: fc.jsonValue(),
      }),
    ),
    parameters: fc.oneof(
      fc.jsonValue(),
      fc.dictionary(
        fc.constantFrom('stop', 'tools', 'result_format', 'stream', 'n'),
        fc.jsonValue(),
      ),
    ),
    messages: fc.jsonValue(),
    query: fc.jsonValue(),
    documents: fc.jsonValue(),
    prompt: fc.jsonValue(),
    enable_thinking: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

describe('any body', () => {
  it('of JSON is read or refused', () => {
    fc.assert(
      fc.property(nearRequest, (fields) => readAll(Buffer.from(JSON.stringify(fields)))),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.jsonValue(), (value) => readAll(Buffer.from(JSON.stringify(value)))));
  });

  it('of bytes is refused', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => readAll(Buffer.from(bytes))));
  });

  it('nested deeper than a stack is refused, wherever the depth is', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    for (const body of [
      deep,
      `{"model":"m","input":${deep}}`,
      `{"model":"m","input":{"prompt":"x"},"parameters":{"x":${deep}}}`,
      `{"model":"m","messages":[{"role":"user","content":"x"}],"enable_thinking":true,"x":${deep}}`,
      `{"input":"x","x":${deep}}`,
    ]) {
      readAll(Buffer.from(body));
    }
  });

  it('of a form is read or refused', () => {
    const piece = fc.constantFrom(
      '--b',
      '--b--',
      '\r\n',
      'content-disposition: form-data; name="model"',
      'x',
      '\r\n\r\n',
      'name="file"; filename="a"',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const bytes = Buffer.from(pieces.join(''));
        isReadOrRefused(() => readTranscription(bytes, 'multipart/form-data; boundary=b'));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('any answer', () => {
  it('of a provider, cut anywhere, is an answer, an error or no answer', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(50), (value, cut) => {
        const bytes = Buffer.from(`data:${JSON.stringify({ output: value })}\n\n`);
        const stream = dashScopeUpstream.stream?.();
        stream?.push(bytes.subarray(0, cut));
        stream?.push(bytes.subarray(cut));
        stream?.end();
        dashScopeUpstream.whole?.(Buffer.from(JSON.stringify(value)));
      }),
    );
  });

  it('that was kept for a task is shown, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (answer) => {
        for (const state of ['succeeded', 'failed'] as const) {
          const times = { submittedAtMs: 0, startedAtMs: 1, endedAtMs: 2 };
          const task = { id: createId('tsk'), tenantId: 't', keyId: 'k', modelName: 'm', ...times };
          taskFound({ ...task, state, status: 500, answer }, createId('req'));
        }
        parseVerdict(answer);
      }),
    );
  });

  it('to a question for tasks is a page or a refusal', () => {
    fc.assert(
      fc.property(fc.webPath(), fc.webQueryParameters(), (path, query) => {
        taskPage(`/api/v1/tasks${path}`);
        isReadOrRefused(() => parseTaskListing(new URLSearchParams(query), 0));
      }),
    );
  });
});
