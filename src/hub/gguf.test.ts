import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { tinyGguf } from '../../test/tiny-gguf.ts';
import { parseGguf } from './gguf.ts';
import { parseSafetensors } from './safetensors.ts';

const model = tinyGguf();

describe('parseGguf', () => {
  it('reads what a model says of itself', () => {
    const result = parseGguf(model, model.length);

    assert.ok(result.kind === 'parsed');
    const gguf = result.header;
    assert.equal(gguf.metadata.get('general.architecture'), 'qwen3');
    assert.equal(gguf.metadata.get('qwen3.context_length'), 2048);
    assert.equal(gguf.tensorCount, 24);
    assert.ok(gguf.parameters > 50_000);
    assert.ok(Number(gguf.metadata.get('tokenizer.ggml.tokens.length')) > 256);
    assert.ok(gguf.metadata.has('tokenizer.chat_template'));
  });

  it('asks for more until it has the whole header', () => {
    let length = 4;
    for (let rounds = 0; rounds < 100_000; rounds += 1) {
      const result = parseGguf(model.subarray(0, length), model.length);
      if (result.kind === 'parsed') return;
      assert.ok(result.kind === 'more');
      assert.ok(result.bytesNeeded > length);
      length = result.bytesNeeded * 2;
    }
    assert.fail('the header never ended');
  });

  it('finds a file that was cut anywhere', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: model.length - 1 }), (length) => {
        const result = parseGguf(model.subarray(0, length), length);
        assert.equal(result.kind, 'truncated');
      }),
      { numRuns: 100 },
    );
  });

  it('knows what is not its own', () => {
    assert.equal(parseGguf(Buffer.from('<!doctype html>'), 15).kind, 'foreign');
    assert.equal(parseGguf(Buffer.from('\x89PNG\r\n\x1a\n'), 8).kind, 'foreign');
    const bigEndian = Buffer.from(model.subarray(0, 64));
    bigEndian.writeUInt32BE(3, 4);
    assert.equal(parseGguf(bigEndian, 64).kind, 'unsupported');
  });

  it('never crashes on noise, with or without its magic', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (noise, hasMagic) => {
        const head = hasMagic ? Buffer.from([...Buffer.from('GGUF'), 3, 0, 0, 0]) : [];
        const bytes = Buffer.from([...head, ...noise]);
        parseGguf(bytes, bytes.length);
        parseGguf(bytes, Number.MAX_SAFE_INTEGER);
      }),
      { numRuns: 500 },
    );
  });

  it('survives a real header with bytes changed, in bounded memory', () => {
    const header = model.subarray(0, 4000);
    const change = fc.tuple(fc.nat(header.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 20 }), (changes) => {
        const bytes = Buffer.from(header);
        for (const [at, value] of changes) bytes[at] = value;
        parseGguf(bytes, model.length);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses counts that no model has', () => {
    for (const offset of [8, 16]) {
      const bytes = Buffer.from(model);
      bytes.writeBigUInt64LE(10_000_000n, offset);
      assert.equal(parseGguf(bytes, bytes.length).kind, 'corrupt');
    }
  });
});

describe('parseSafetensors', () => {
  const file = (header: unknown, dataBytes: number): Buffer => {
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    return Buffer.concat([length, json, Buffer.alloc(dataBytes)]);
  };
  const tensor = { dtype: 'BF16', shape: [4, 8], data_offsets: [0, 64] };

  it('counts parameters and names the type', () => {
    const bytes = file({ __metadata__: { format: 'pt' }, weight: tensor }, 64);

    assert.deepEqual(parseSafetensors(bytes, bytes.length), {
      kind: 'parsed',
      header: { tensorCount: 1, parameters: 32, dtype: 'BF16' },
    });
  });

  it('finds a file that was cut, in its data or in its header', () => {
    const bytes = file({ weight: tensor }, 64);
    for (const length of [20, bytes.length - 65, bytes.length - 1]) {
      assert.equal(parseSafetensors(bytes.subarray(0, length), length).kind, 'truncated');
    }
  });

  it('refuses tensors without a proper place', () => {
    for (const broken of [
      { ...tensor, shape: [-1] },
      { ...tensor, shape: 'x' },
      { ...tensor, data_offsets: [9, 3] },
      { ...tensor, dtype: 7 },
      null,
    ]) {
      const bytes = file({ broken }, 64);
      assert.equal(parseSafetensors(bytes, bytes.length).kind, 'corrupt');
    }
  });

  it('never crashes on noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.json(), (noise, json) => {
        parseSafetensors(noise, noise.length);
        const bytes = file(JSON.parse(json), 10);
        parseSafetensors(bytes, bytes.length);
      }),
    );
  });
});
