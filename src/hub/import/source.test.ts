import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isPublicAddress } from '#platform/public-address.ts';
import fc from 'fast-check';
import { FlywheelError } from '#platform/error.ts';
import { type PlannedFile, selectFiles, singleFilePath } from './plan.ts';
import { createSlots } from './slots.ts';
import { parseSource } from './source.ts';

const HF = { kind: 'huggingface', origin: 'https://huggingface.co' };

describe('parseSource', () => {
  it('knows a repository, a file and a path apart', () => {
    const cases: Readonly<Record<string, unknown>> = {
      'https://huggingface.co/o/n': { ...HF, id: 'o/n', revision: 'main', file: null },
      'https://huggingface.co/o/n/': { ...HF, id: 'o/n', revision: 'main', file: null },
      'https://huggingface.co/o/n/tree/refs%2Fpr%2F1': {
        ...HF,
        id: 'o/n',
        revision: 'refs/pr/1',
        file: null,
      },
      'https://huggingface.co/o/n?file=a/b.gguf': {
        ...HF,
        id: 'o/n',
        revision: 'main',
        file: 'a/b.gguf',
      },
      'https://huggingface.co/o/n/resolve/main/sub/x.gguf': {
        kind: 'direct',
        url: 'https://huggingface.co/o/n/resolve/main/sub/x.gguf',
        path: 'x.gguf',
      },
      'https://huggingface.co/o/n/blob/main/x.gguf': {
        kind: 'direct',
        url: 'https://huggingface.co/o/n/resolve/main/x.gguf',
        path: 'x.gguf',
      },
      'https://example.com/files/x.gguf': {
        kind: 'direct',
        url: 'https://example.com/files/x.gguf',
        path: 'x.gguf',
      },
      'https://example.com/get?id=7': {
        kind: 'direct',
        url: 'https://example.com/get?id=7',
        path: 'get.gguf',
      },
      'https://modelscope.cn/models/o/n/files#m.gguf': {
        kind: 'modelscope',
        origin: 'https://modelscope.cn',
        id: 'o/n',
        revision: 'master',
        file: 'm.gguf',
      },
      'https://modelscope.cn/models/o/n/resolve/master/m.gguf': {
        kind: 'direct',
        url: 'https://modelscope.cn/models/o/n/resolve/master/m.gguf',
        path: 'm.gguf',
      },
      '/models/x#m.gguf': { kind: 'local', path: '/models/x', file: 'm.gguf' },
      'file:///models/my%20x': { kind: 'local', path: '/models/my x', file: null },
    };
    for (const [text, wanted] of Object.entries(cases)) {
      assert.deepEqual(parseSource(text), wanted, text);
    }
  });

  it('answers anything else with an error of its own', () => {
    const fileUrl = fc.string().map((rest) => `file://${rest}`);
    fc.assert(
      fc.property(fc.oneof(fc.webUrl({ withFragments: true }), fileUrl, fc.string()), (text) => {
        try {
          parseSource(text);
        } catch (error) {
          assert.ok(error instanceof FlywheelError, text);
        }
      }),
    );
  });
});

describe('selectFiles', () => {
  const planned = (path: string): PlannedFile => ({
    path,
    from: `/x/${path}`,
    sizeBytes: 1,
    sha256: null,
    validator: null,
  });
  const select = (paths: readonly string[], wanted: string | null = null): string[] =>
    selectFiles(paths.map(planned), wanted).map((file) => file.path);

  it('takes all files of a model that is split', () => {
    const parts = ['m-00001-of-00002.gguf', 'm-00002-of-00002.gguf'];

    assert.deepEqual(select([...parts, 'README.md']), [...parts, 'README.md']);
    assert.deepEqual(select([...parts, 'other.gguf'], parts[1]), parts);
    assert.throws(() => select([parts[0] ?? '', 'README.md']), { code: 'weights.missing' });
  });

  it('takes one kind of weights, and what belongs to all', () => {
    const all = ['config.json', 'model.safetensors', 'pytorch_model.bin', '.git/config'];

    assert.deepEqual(select(all), ['config.json', 'model.safetensors']);
    assert.deepEqual(select([...all, 'm.gguf']), ['config.json', 'm.gguf']);
    assert.throws(() => select(['README.md']), { code: 'weights.missing' });
  });

  it('gives a lone file a name that says what it must be', () => {
    assert.equal(singleFilePath('model.GGUF'), 'model.GGUF');
    assert.equal(singleFilePath('ggml model (1).bin'), 'ggml-model-1-.gguf');
    assert.equal(singleFilePath('..'), 'model.gguf');
    fc.assert(fc.property(fc.string(), (name) => select([singleFilePath(name)]).length === 1));
  });
});

describe('isPublicAddress', () => {
  it('knows what is not on the Internet, in every spelling', () => {
    for (const address of [
      '0.0.0.0',
      '10.1.2.3',
      '100.100.100.200',
      '127.0.0.1',
      '169.254.169.254',
      '172.31.255.255',
      '192.168.0.1',
      '198.19.0.1',
      '224.0.0.1',
      '255.255.255.255',
      '::',
      '::1',
      '::ffff:127.0.0.1',
      '::ffff:10.0.0.1',
      '64:ff9b::7f00:1',
      'fd00::1',
      'fe80::1',
      'ff02::1',
      '2002:7f00:1::',
      '2001:0:7f00:1::',
      'example.com',
      '',
    ]) {
      assert.equal(isPublicAddress(address), false, address);
    }
    for (const address of ['1.1.1.1', '172.32.0.1', '223.5.5.5', '2606:4700::1', '2400:3200::1']) {
      assert.equal(isPublicAddress(address), true, address);
    }
  });
});

describe('createSlots', () => {
  it('never lets more in than there are places, and forgets who leaves the queue', async () => {
    const slots = createSlots(2);
    const { signal } = new AbortController();
    let [inside, most] = [0, 0];
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    const gone = new AbortController();

    const running = Array.from({ length: 3 }, () => slots.run(signal, work));
    const leaving = slots.run(gone.signal, work);
    const last = slots.run(signal, work);
    gone.abort();

    await assert.rejects(leaving, { name: 'AbortError' });
    await Promise.all([...running, last]);
    assert.equal(most, 2);
    assert.equal(inside, 0);
  });
});
