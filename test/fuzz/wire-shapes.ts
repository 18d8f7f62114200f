/** The wires under fuzz: a good request of each, and how each says that something is wrong. */
import assert from 'node:assert/strict';
import { MODEL } from '#gateway/gateway-fixture.ts';

export type WireShape = Readonly<{
  path: string;
  good: Readonly<Record<string, unknown>>;
  /** Asserts that `body` is an error as this wire's clients expect it. */
  assertError: (body: unknown) => void;
}>;

const messages = [{ role: 'user', content: 'Hi' }];

function fieldsOf(value: unknown): Record<string, unknown> {
  assert.ok(typeof value === 'object' && value !== null, `no object: ${JSON.stringify(value)}`);
  return { ...value };
}

const openAi = (body: unknown): void => {
  const error = fieldsOf(fieldsOf(body)['error']);
  assert.equal(typeof error['message'], 'string');
  assert.equal(typeof error['type'], 'string');
};
const anthropic = (body: unknown): void => {
  assert.equal(fieldsOf(body)['type'], 'error');
  const error = fieldsOf(fieldsOf(body)['error']);
  assert.equal(typeof error['type'], 'string');
  assert.equal(typeof error['message'], 'string');
};
const dashScope = (body: unknown): void => {
  const { code, message, request_id: requestId } = fieldsOf(body);
  assert.deepEqual([typeof code, typeof message, typeof requestId], ['string', 'string', 'string']);
};

export const WIRES: readonly WireShape[] = [
  {
    path: '/v1/chat/completions',
    good: { model: MODEL, messages, max_tokens: 5, temperature: 0.5, stream: false, n: 1 },
    assertError: openAi,
  },
  {
    path: '/v1/completions',
    good: { model: MODEL, prompt: 'Hi', max_tokens: 5 },
    assertError: openAi,
  },
  { path: '/v1/embeddings', good: { model: MODEL, input: ['Hi'] }, assertError: openAi },
  {
    path: '/v1/responses',
    good: {
      model: MODEL,
      input: [{ role: 'user', content: 'Hi' }],
      max_output_tokens: 5,
      tools: [],
    },
    assertError: openAi,
  },
  {
    path: '/v1/messages',
    good: { model: MODEL, messages, max_tokens: 5, system: 'Be kind.', tools: [] },
    assertError: anthropic,
  },
  {
    path: '/v1/messages/count_tokens',
    good: { model: MODEL, messages },
    assertError: anthropic,
  },
  {
    path: '/compatible-mode/v1/chat/completions',
    good: { model: MODEL, messages, stream: true },
    assertError: openAi,
  },
  {
    path: '/api/v1/services/aigc/text-generation/generation',
    good: {
      model: MODEL,
      input: { messages },
      parameters: { result_format: 'message', max_tokens: 5 },
    },
    assertError: dashScope,
  },
];
