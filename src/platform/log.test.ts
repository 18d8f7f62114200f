import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createLog } from './log.ts';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-log-'));
after(() => rmSync(folder, { recursive: true }));

function logged(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] {
  const file = join(folder, `${Math.random()}.log`);
  const fileDescriptor = openSync(file, 'w');
  write(createLog({ process: 'test', level: 'info', fileDescriptor }));
  closeSync(fileDescriptor);
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

describe('a log line', () => {
  it('is JSON with an event name, a level and a time', () => {
    const [line] = logged((log) => log.info('replica.started', { loadMs: 12 }));

    assert.equal(line?.['event'], 'replica.started');
    assert.equal(line['level'], 'info');
    assert.equal(line['process'], 'test');
    assert.equal(line['loadMs'], 12);
    assert.match(String(line['time']), /^\d{4}-\d\d-\d\dT/);
  });

  it('drops what could be a secret by its name, one level deep too', () => {
    const [line] = logged((log) =>
      log.info('key.created', {
        apiKey: 'sk-1',
        keyId: 'key_1',
        request: { authorization: 'Bearer sk-2', path: '/' },
      }),
    );

    assert.equal(line?.['keyId'], 'key_1');
    assert.deepEqual(line['request'], { path: '/' });
    assert.doesNotMatch(JSON.stringify(line), /sk-[12]/);
  });

  it('keeps the fields of the log it came from', () => {
    const [line] = logged((log) => log.with({ requestId: 'req_1' }).warn('lease.expired'));

    assert.equal(line?.['requestId'], 'req_1');
  });

  it('tells message, code and stack of an error', () => {
    const error = Object.assign(new Error('gone'), { code: 'ECONNRESET' });
    const [line] = logged((log) => log.error('engine.lost', { error }));

    const { message, code, stack } = (line?.['error'] ?? {}) as Record<string, string>;
    assert.deepEqual([message, code], ['gone', 'ECONNRESET']);
    assert.match(stack ?? '', /log\.test\.ts/);
  });

  it('is not written below the level', () => {
    assert.deepEqual(
      logged((log) => log.debug('hidden')),
      [],
    );
  });
});
