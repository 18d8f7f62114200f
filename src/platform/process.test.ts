import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { SupervisedProcess } from './process.ts';

type Options = { refuse?: string; ignoreStop?: boolean; name?: string };
type Facts = { pid: number; name: string };

function supervise() {
  const seen = { output: '', notes: [] as string[], crashes: [] as string[], backs: [] as Facts[] };
  const child = new SupervisedProcess<Options, Facts>({
    name: 'child',
    entry: join(import.meta.dirname, '..', '..', 'test', 'process-child.ts'),
    onOutput: (chunk) => (seen.output += chunk.toString()),
    onNote: (text) => seen.notes.push(text),
    onCrash: ({ how }) => seen.crashes.push(how),
    onBack: (facts) => seen.backs.push(facts),
    again: (options, facts) => ({ ...options, name: `after ${facts.pid}` }),
  });
  after(() => child.kill());
  return { child, seen };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a supervised process', () => {
  it('says when it is ready, and what it does and writes until then', async () => {
    const { child, seen } = supervise();

    const facts = await child.start({});

    assert.equal(facts.pid, child.pid);
    assert.deepEqual(seen.notes, ['working on it']);
    await until(() => seen.output === 'a line of the child\n');
    await child.stop(0);
    assert.equal(isAlive(facts.pid), false);
  });

  it('raises what kept it from starting', async () => {
    const { child } = supervise();

    await assert.rejects(child.start({ refuse: 'no disk' }), {
      code: 'test.refused',
      message: 'no disk',
    });
    await child.stop(0);
  });

  it('raises that it died while it was starting', async () => {
    const { child } = supervise();

    const starting = child.start({});
    process.kill(child.pid ?? 0, 'SIGKILL');

    await assert.rejects(starting, { code: 'process.ended' });
  });

  it('starts again after a crash, with what it found the first time', async () => {
    const { child, seen } = supervise();
    const { pid } = await child.start({});

    process.kill(pid, 'SIGKILL');
    await until(() => seen.backs.length === 1);

    assert.deepEqual(seen.crashes, ['by signal SIGKILL']);
    assert.equal(seen.backs[0]?.name, `after ${pid}`);
    await child.stop(0);
  });

  it('leaves the signals of the terminal to the supervisor', async () => {
    const { child, seen } = supervise();
    const { pid } = await child.start({});

    process.kill(pid, 'SIGINT');
    process.kill(pid, 'SIGTERM');
    await child.stop(0);

    assert.deepEqual(seen.crashes, []);
  });

  it('does not wait for ever for one that does not stop', async () => {
    const { child } = supervise();
    const { pid } = await child.start({ ignoreStop: true });

    await child.stop(0);

    assert.equal(isAlive(pid), false);
  });

  it('stops one that is waiting to be started again', async () => {
    const { child, seen } = supervise();
    const { pid } = await child.start({});
    process.kill(pid, 'SIGKILL');
    await until(() => seen.crashes.length === 1);

    await child.stop(0);

    assert.deepEqual(seen.backs, []);
  });
});
