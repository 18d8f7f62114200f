/**
 * Writes a tiny model file with random weights: Qwen3 architecture, byte-level BPE, ChatML template. It says nothing
 * sensible, but every part of a real engine runs on it, and it takes milliseconds to make. The same seed gives the
 * same bytes. Larger sizes make a model that is heavy enough to measure.
 */
import { writeFile } from 'node:fs/promises';

import { tinyChatTemplate } from './tiny-gguf-template.ts';
import { tinyVocabulary } from './tiny-vocabulary.ts';

export type TinyGgufOptions = Readonly<{
  seed?: number;
  name?: string;
  width?: number;
  layers?: number;
  heads?: number;
  keyValueHeads?: number;
  feedForward?: number;
  contextLength?: number;
  /** Extra unused tokens, to give a benchmark a vocabulary of realistic size. */
  paddingTokens?: number;
  chatTemplate?: string;
}>;

type Tensor = Readonly<{ name: string; shape: readonly number[]; ones?: true }>;

/** GGUF value types and the alignment of its tensor data, from the format's specification. */
const UINT32 = 4;
const INT32 = 5;
const FLOAT32 = 6;
const STRING = 8;
const ARRAY = 9;
const ALIGNMENT = 32;
const TENSOR_F32 = 0;
const TENSOR_F16 = 1;
/** `general.file_type` "mostly F16". */
const FILE_TYPE_F16 = 1;

/** Spread of the random weights: large enough that the greedy choice never hangs on rounding. */
const WEIGHT_SPREAD = 0.35;

const DEFAULT_SHAPE = {
  width: 64,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  feedForward: 128,
  contextLength: 2_048,
};

export async function writeTinyGguf(path: string, options: TinyGgufOptions = {}): Promise<void> {
  await writeFile(path, tinyGguf(options));
}

export function tinyGguf(options: TinyGgufOptions = {}): Buffer {
  const shape = { ...DEFAULT_SHAPE, ...options };
  const vocabulary = paddedVocabulary(options.paddingTokens ?? 0);
  const headSize = shape.width / shape.heads;
  const tensors = listTensors({ ...shape, headSize, vocabularySize: vocabulary.tokens.length });
  const metadata = [
    text('general.architecture', 'qwen3'),
    text('general.name', options.name ?? 'Flywheel Tiny'),
    number('general.file_type', FILE_TYPE_F16),
    number('qwen3.block_count', shape.layers),
    number('qwen3.context_length', shape.contextLength),
    number('qwen3.embedding_length', shape.width),
    number('qwen3.feed_forward_length', shape.feedForward),
    number('qwen3.attention.head_count', shape.heads),
    number('qwen3.attention.head_count_kv', shape.keyValueHeads),
    number('qwen3.attention.key_length', headSize),
    number('qwen3.attention.value_length', headSize),
    fraction('qwen3.attention.layer_norm_rms_epsilon', 1e-6),
    fraction('qwen3.rope.freq_base', 10_000),
    text('tokenizer.ggml.model', 'gpt2'),
    text('tokenizer.ggml.pre', 'qwen2'),
    texts('tokenizer.ggml.tokens', vocabulary.tokens),
    integers('tokenizer.ggml.token_type', vocabulary.types),
    texts('tokenizer.ggml.merges', vocabulary.merges),
    number('tokenizer.ggml.eos_token_id', vocabulary.endOfTurn),
    number('tokenizer.ggml.padding_token_id', vocabulary.endOfText),
    text('tokenizer.chat_template', options.chatTemplate ?? tinyChatTemplate),
  ];
  return assemble({ metadata, tensors, seed: options.seed ?? 1 });
}

/** Writes a LoRA adapter with random weights for the query projections of a tiny model of default size. */
export async function writeTinyLora(path: string, options: { seed?: number } = {}): Promise<void> {
  const rank = 4;
  const metadata = [
    text('general.architecture', 'qwen3'),
    text('general.type', 'adapter'),
    text('adapter.type', 'lora'),
    fraction('adapter.lora.alpha', rank),
  ];
  const tensors = Array.from({ length: DEFAULT_SHAPE.layers }, (_, layer): Tensor[] => [
    { name: `blk.${layer}.attn_q.weight.lora_a`, shape: [DEFAULT_SHAPE.width, rank] },
    { name: `blk.${layer}.attn_q.weight.lora_b`, shape: [rank, DEFAULT_SHAPE.width] },
  ]).flat();
  await writeFile(path, assemble({ metadata, tensors, seed: options.seed ?? 1 }));
}

function paddedVocabulary(paddingTokens: number): ReturnType<typeof tinyVocabulary> {
  const vocabulary = tinyVocabulary();
  const padding = Array.from({ length: paddingTokens }, (_, i) => `<|unused_${i}|>`);
  return {
    ...vocabulary,
    tokens: [...vocabulary.tokens, ...padding],
    types: [...vocabulary.types, ...padding.map(() => 5)],
  };
}

function listTensors(shape: {
  width: number;
  layers: number;
  heads: number;
  keyValueHeads: number;
  feedForward: number;
  headSize: number;
  vocabularySize: number;
}): Tensor[] {
  const { width, feedForward, headSize } = shape;
  const queryWidth = shape.heads * headSize;
  const keyWidth = shape.keyValueHeads * headSize;
  const blocks = Array.from({ length: shape.layers }, (_, layer): Tensor[] => [
    { name: `blk.${layer}.attn_norm.weight`, shape: [width], ones: true },
    { name: `blk.${layer}.attn_q.weight`, shape: [width, queryWidth] },
    { name: `blk.${layer}.attn_k.weight`, shape: [width, keyWidth] },
    { name: `blk.${layer}.attn_v.weight`, shape: [width, keyWidth] },
    { name: `blk.${layer}.attn_q_norm.weight`, shape: [headSize], ones: true },
    { name: `blk.${layer}.attn_k_norm.weight`, shape: [headSize], ones: true },
    { name: `blk.${layer}.attn_output.weight`, shape: [queryWidth, width] },
    { name: `blk.${layer}.ffn_norm.weight`, shape: [width], ones: true },
    { name: `blk.${layer}.ffn_gate.weight`, shape: [width, feedForward] },
    { name: `blk.${layer}.ffn_up.weight`, shape: [width, feedForward] },
    { name: `blk.${layer}.ffn_down.weight`, shape: [feedForward, width] },
  ]);
  return [
    { name: 'token_embd.weight', shape: [width, shape.vocabularySize] },
    ...blocks.flat(),
    { name: 'output_norm.weight', shape: [width], ones: true },
  ];
}

function assemble(parts: { metadata: Buffer[]; tensors: Tensor[]; seed: number }): Buffer {
  let offset = 0;
  const infos: Buffer[] = [];
  const data: Buffer[] = [];
  const random = createRandom(parts.seed);
  for (const tensor of parts.tensors) {
    const bytes = tensorBytes(tensor, random);
    infos.push(
      stringBytes(tensor.name),
      uint32(tensor.shape.length),
      ...tensor.shape.map((size) => uint64(size)),
      uint32(tensor.ones === undefined ? TENSOR_F16 : TENSOR_F32),
      uint64(offset),
    );
    data.push(bytes, Buffer.alloc(-bytes.length & (ALIGNMENT - 1)));
    offset += bytes.length + (-bytes.length & (ALIGNMENT - 1));
  }
  const header = Buffer.concat([
    Buffer.from('GGUF'),
    uint32(3),
    uint64(parts.tensors.length),
    uint64(parts.metadata.length),
    ...parts.metadata,
    ...infos,
  ]);
  return Buffer.concat([header, Buffer.alloc(-header.length & (ALIGNMENT - 1)), ...data]);
}

function tensorBytes(tensor: Tensor, random: () => number): Buffer {
  const count = tensor.shape.reduce((product, size) => product * size, 1);
  if (tensor.ones !== undefined) return Buffer.from(new Float32Array(count).fill(1).buffer);
  // Keeps the signal's size from layer to layer, whatever the width.
  const spread = tensor.name.startsWith('token')
    ? WEIGHT_SPREAD
    : 1 / Math.sqrt(tensor.shape[0] ?? 1);
  const values = Float16Array.from({ length: count }, () => (random() * 2 - 1) * spread * 1.7);
  return Buffer.from(values.buffer);
}

/** Small, fast and the same on every machine: the xorshift of 32 bits. */
function createRandom(seed: number): () => number {
  let state = seed * 2_654_435_761 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function stringBytes(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function text(key: string, value: string): Buffer {
  return Buffer.concat([stringBytes(key), uint32(STRING), stringBytes(value)]);
}

function number(key: string, value: number): Buffer {
  return Buffer.concat([stringBytes(key), uint32(UINT32), uint32(value)]);
}

function fraction(key: string, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([stringBytes(key), uint32(FLOAT32), bytes]);
}

function texts(key: string, values: readonly string[]): Buffer {
  const head = [stringBytes(key), uint32(ARRAY), uint32(STRING), uint64(values.length)];
  return Buffer.concat([...head, ...values.map(stringBytes)]);
}

function integers(key: string, values: readonly number[]): Buffer {
  const bytes = Buffer.from(Int32Array.from(values).buffer);
  return Buffer.concat([
    stringBytes(key),
    uint32(ARRAY),
    uint32(INT32),
    uint64(values.length),
    bytes,
  ]);
}
