/** Pickles that run something are found, however they name it; what is damaged or endless ends. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { scanPickle } from './pickle.ts';
import { isScanned, scanFile } from './scan.ts';

/** Python writes them, so that they are what Python reads. */
function python(program: string): Buffer {
  const program64 = `import sys, pickle, io, zipfile, collections\n${program}`;
  return execFileSync('python3', ['-c', program64], { maxBuffer: 64 * 1024 * 1024 });
}

const EVIL = `
class Evil:
    def __reduce__(self):
        import os
        return (os.system, ('true',))
`;
const scan = (bytes: Uint8Array) =>
  scanFile(bytes.length, (offset, length) =>
    Promise.resolve(bytes.subarray(offset, offset + length)),
  );

describe('a pickle', () => {
  for (const protocol of [0, 1, 2, 3, 4, 5]) {
    it(`that starts a program is unsafe, in protocol ${protocol}`, async () => {
      const bytes = python(`${EVIL}
sys.stdout.buffer.write(pickle.dumps({'weights': [1.5, 2, None], 'x': Evil()}, ${protocol}))`);
      const { verdict, imports } = await scan(bytes);
      assert.equal(verdict, 'unsafe');
      assert.deepEqual(imports[0], { module: 'posix', name: 'system', verdict: 'unsafe' });
    });

    it(`of data is safe, in protocol ${protocol}`, async () => {
      const data =
        "collections.OrderedDict(a=[1, 2.5, 'x' * 300, b'y' * 300, 2 ** 200], b=(True, None))";
      const bytes = python(`sys.stdout.buffer.write(pickle.dumps(${data}, ${protocol}))`);
      assert.deepEqual((await scan(bytes)).verdict, 'safe');
    });
  }

  it('counts also what it names before it breaks, and behind another pickle', async () => {
    const evil = python(`${EVIL}\nsys.stdout.buffer.write(pickle.dumps(Evil(), 4))`);
    assert.equal((await scan(evil.subarray(0, -3))).verdict, 'unsafe');
    const first = python('sys.stdout.buffer.write(pickle.dumps(1, 2))');
    assert.equal((await scan(Buffer.concat([first, evil]))).verdict, 'unsafe');
  });

  it('of what nobody knows is suspicious', async () => {
    const bytes = Buffer.from('cmy.package\nThing\n.');
    assert.equal((await scan(bytes)).verdict, 'suspicious');
    assert.equal((await scan(Buffer.from('cbuiltins\nmap\n.'))).verdict, 'unsafe');
  });
});

describe('a zip of PyTorch', () => {
  const zip = (inner: string, method = 'ZIP_DEFLATED') =>
    python(`${EVIL}
out = io.BytesIO()
with zipfile.ZipFile(out, 'w', zipfile.${method}) as file:
    file.writestr('archive/data.pkl', ${inner})
    file.writestr('archive/data/0', b'0' * 1000)
sys.stdout.buffer.write(out.getvalue())`);

  it('is looked into, stored or packed', async () => {
    for (const method of ['ZIP_STORED', 'ZIP_DEFLATED']) {
      assert.equal((await scan(zip('pickle.dumps(Evil(), 2)', method))).verdict, 'unsafe');
      assert.equal((await scan(zip('pickle.dumps({1: 2}, 2)', method))).verdict, 'safe');
    }
  });

  it('that would unpack to more than is read is not trusted', async () => {
    const bomb = zip("b'0' * (20 * 1024 * 1024)");
    assert.ok(bomb.length < 100_000);
    const { verdict, remark } = await scan(bomb);
    assert.equal(verdict, 'suspicious');
    assert.match(remark ?? '', /cannot be unpacked/);
  });

  it('that lies about its sizes or was cut ends in words', async () => {
    const bytes = zip('pickle.dumps({1: 2}, 2)');
    assert.equal((await scan(bytes.subarray(0, bytes.length / 2))).verdict, 'suspicious');
    const at = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    const lying = Buffer.from(bytes);
    lying.writeUInt32LE(0x7fffffff, at + 20);
    assert.ok((await scan(lying)).verdict);
  });
});

describe('any bytes at all', () => {
  it('are scanned to an end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        scanPickle(bytes);
        assert.ok((await scan(bytes)).verdict);
        const zipped = Uint8Array.from([0x50, 0x4b, ...bytes, 0x50, 0x4b, 5, 6, ...bytes]);
        assert.ok((await scan(zipped)).verdict);
      }),
    );
  });

  it('that are no program are left alone', async () => {
    assert.equal((await scan(Buffer.alloc(1000, 0x11))).verdict, 'safe');
    assert.deepEqual(['a.bin', 'a.safetensors', 'a.pkl', 'a.txt'].map(isScanned), [
      true,
      false,
      true,
      false,
    ]);
  });
});
