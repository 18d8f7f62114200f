import assert from 'node:assert/strict';
import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { readBody } from './body.ts';

const LIMIT_BYTES = 1_000;

describe('a body', () => {
  it('of a caller that left before it was read is given up at once, with nothing left waiting', async () => {
    const incoming = new IncomingMessage(new Socket());
    incoming.destroy();
    await once(incoming, 'close');
    const before = timers();

    await assert.rejects(readBody(incoming, LIMIT_BYTES), { code: 'request_timeout' });

    assert.equal(timers(), before);
  });

  it('that is too large leaves nothing waiting, though its end is never heard', async () => {
    const incoming = new IncomingMessage(new Socket());
    const before = timers();
    const reading = readBody(incoming, LIMIT_BYTES);
    incoming.push('x'.repeat(LIMIT_BYTES + 1));

    await assert.rejects(reading, { code: 'request_too_large' });

    assert.equal(timers(), before);
  });

  it('that came whole leaves nothing waiting', async () => {
    const incoming = new IncomingMessage(new Socket());
    const before = timers();
    const reading = readBody(incoming, LIMIT_BYTES);
    incoming.push('{"a":');
    incoming.push('1}');
    incoming.push(null);

    assert.equal((await reading).toString(), '{"a":1}');

    assert.equal(timers(), before);
  });
});

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}
