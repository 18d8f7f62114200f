import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Conversation,
  type ConversationEvent,
  changeConversation,
  messagesOf,
  speedOf,
} from './conversation.ts';

const apply = (...events: readonly ConversationEvent[]): Conversation =>
  events.reduce<Conversation>(changeConversation, []);

const asked = (id: number, question: string, atMs = 0): ConversationEvent => ({
  kind: 'asked',
  id,
  question,
  atMs,
});

const grew = (content: string, atMs: number, pieces = 1): ConversationEvent => ({
  kind: 'grew',
  reasoning: '',
  content,
  pieces,
  atMs,
});

describe('changeConversation', () => {
  it('grows the last answer only', () => {
    const [first, second] = apply(
      asked(1, 'one'),
      grew('a', 10),
      { kind: 'ended', state: 'finished', atMs: 20 },
      asked(2, 'two'),
      grew('b', 30),
      grew('c', 40),
    );

    assert.equal(first?.answer.content, 'a');
    assert.equal(second?.answer.content, 'bc');
    assert.equal(second?.answer.state, 'streaming');
  });

  it('keeps the request id of a call that was refused', () => {
    const [turn] = apply(asked(1, 'one'), {
      kind: 'broke',
      error: new Error('no'),
      requestId: 'req_1',
      atMs: 5,
    });

    assert.equal(turn?.answer.state, 'failed');
    assert.equal(turn?.answer.requestId, 'req_1');
  });

  it('takes the last turn back', () => {
    assert.equal(apply(asked(1, 'one'), asked(2, 'two'), { kind: 'undone' }).length, 1);
    assert.deepEqual(apply(asked(1, 'one'), { kind: 'cleared' }), []);
  });
});

describe('messagesOf', () => {
  it('sends the system prompt, the turns that were answered, and the question', () => {
    const turns = apply(asked(1, 'one'), grew('first', 10), asked(2, 'lost'));

    assert.deepEqual(messagesOf('Be brief.', turns, 'next'), [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'first' },
      { role: 'user', content: 'next' },
    ]);
  });
});

describe('speedOf', () => {
  it('counts tokens after the first, by the engine once it has said how many', () => {
    const turns = apply(asked(1, 'one', 100), grew('a', 300), grew('b', 1300, 9));
    const usage = { inputTokens: 5, cacheReadTokens: 0, outputTokens: 21, reasoningTokens: 0 };
    const counted = changeConversation(turns, { kind: 'counted', usage });

    assert.deepEqual(turns[0] && speedOf(turns[0].answer), {
      firstTokenMs: 200,
      tokensPerSecond: 9,
    });
    assert.equal(counted[0] && speedOf(counted[0].answer).tokensPerSecond, 20);
  });
});
