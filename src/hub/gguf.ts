/**
 * The header of a GGUF file (versions 2 and 3), read without trusting a word of it: every count has
 * a limit, nothing is allocated by a claimed length, and every tensor must lie inside the file, so
 * that a download cut short is found here and not by an engine. Pure: the caller supplies the
 * first bytes and comes back with more when asked.
 *
 * Layout: github.com/ggml-org/ggml, docs/gguf.md.
 */
import { ByteCursor, NeedBytes, Nonsense } from './byte-cursor.ts';
import { TENSOR_TYPES } from './ggml-type.ts';
import type { HeaderResult } from './weights-header.ts';

export type GgufValue = string | number | boolean | readonly string[];

export type Tensor = Readonly<{ name: string; dtype: string; shape: readonly number[] }>;

export type Gguf = Readonly<{
  version: number;
  /** Scalars, strings, and short lists of strings; of longer lists only the length, under `KEY.length`. */
  metadata: ReadonlyMap<string, GgufValue>;
  tensorCount: number;
  /** The first of them, by name; nobody reads more than some thousand. */
  tensors: readonly Tensor[];
  /** Values in all tensors. */
  parameters: number;
  headerBytes: number;
}>;

/** The largest vocabularies in use take 20 MiB of header; beyond this a file is not a model. */
export const GGUF_HEADER_BYTES_MAX = 128 * 1024 * 1024;

const MAGIC = 'GGUF';
/** Real files have tens; the largest mixtures have some thousand tensors. */
const METADATA_COUNT_MAX = 4096;
const TENSOR_COUNT_MAX = 262_144;
/** The format's own limits: a key, a tensor's name, its dimensions. */
const KEY_BYTES_MAX = 65_535;
const TENSOR_NAME_BYTES_MAX = 1024;
const DIMENSIONS_MAX = 8;
const ARRAY_DEPTH_MAX = 4;
/** Longer strings (chat templates) are only known to be there. */
const STRING_BYTES_KEPT = 4096;
const LIST_LENGTH_KEPT = 64;
/** No type number of ggml comes near; a larger one is noise, a smaller unknown one is the future. */
const TENSOR_TYPE_MAX = 1000;
const DEFAULT_ALIGNMENT = 32;
const TENSORS_KEPT = 4096;

/** Parses the header out of the first bytes of a file of `fileBytes` bytes. */
export function parseGguf(bytes: Uint8Array, fileBytes: number): HeaderResult<Gguf> {
  try {
    return parse(new ByteCursor(bytes), fileBytes);
  } catch (error) {
    if (error instanceof Nonsense) return { kind: 'corrupt', reason: error.message };
    if (!(error instanceof NeedBytes)) throw error;
    if (error.bytesNeeded > fileBytes) return { kind: 'truncated', bytesNeeded: error.bytesNeeded };
    if (error.bytesNeeded > GGUF_HEADER_BYTES_MAX) {
      return { kind: 'corrupt', reason: `the header claims ${error.bytesNeeded} bytes` };
    }
    return { kind: 'more', bytesNeeded: error.bytesNeeded };
  }
}

function parse(cursor: ByteCursor, fileBytes: number): HeaderResult<Gguf> {
  if (Buffer.from(cursor.bytes(4)).toString('latin1') !== MAGIC) return { kind: 'foreign' };
  const version = cursor.uint32();
  if (version !== 2 && version !== 3) return { kind: 'unsupported', reason: ofVersion(version) };
  const tensorCount = limited('the number of tensors', cursor, TENSOR_COUNT_MAX);
  const metadataCount = limited('the number of metadata entries', cursor, METADATA_COUNT_MAX);
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < metadataCount; i += 1) readEntry(cursor, metadata);
  const tensors: Tensor[] = [];
  let [end, parameters] = [0, 0];
  for (let i = 0; i < tensorCount; i += 1) {
    const tensor = readTensor(cursor);
    if (i < TENSORS_KEPT) tensors.push(tensor);
    end = Math.max(end, tensor.end);
    parameters += tensor.parameters;
  }
  const alignment = alignmentOf(metadata);
  const dataStart = Math.ceil(cursor.offset / alignment) * alignment;
  if (dataStart + end > fileBytes) return { kind: 'truncated', bytesNeeded: dataStart + end };
  if (!Number.isSafeInteger(parameters)) throw new Nonsense('its tensors are larger than any file');
  const headerBytes = cursor.offset;
  const header = { version, metadata, tensorCount, tensors, parameters, headerBytes };
  return { kind: 'parsed', header };
}

/** Version 3 written on a big-endian machine reads as 0x03000000. */
function ofVersion(version: number): string {
  if (version === 0x0300_0000 || version === 0x0200_0000) return 'it is big-endian';
  return `its version is ${version}; 2 and 3 can be read`;
}

function limited(what: string, cursor: ByteCursor, max: number): number {
  const value = cursor.uint64(what);
  if (value > max) throw new Nonsense(`${what} is ${value}`);
  return value;
}

const FIXED_SIZE: Readonly<Record<number, number>> = {
  0: 1, // uint8
  1: 1, // int8
  2: 2, // uint16
  3: 2, // int16
  4: 4, // uint32
  5: 4, // int32
  6: 4, // float32
  7: 1, // bool
  10: 8, // uint64
  11: 8, // int64
  12: 8, // float64
};
const STRING = 8;
const ARRAY = 9;

function readEntry(cursor: ByteCursor, metadata: Map<string, GgufValue>): void {
  const key = readString(cursor, 'a key', KEY_BYTES_MAX);
  const type = cursor.uint32();
  if (type === ARRAY) {
    const { length, texts } = readArray(cursor, 1);
    metadata.set(`${key}.length`, length);
    if (texts !== null) metadata.set(key, texts);
    return;
  }
  metadata.set(key, readValue(cursor, type));
}

function readValue(cursor: ByteCursor, type: number): GgufValue {
  switch (type) {
    case 0:
      return cursor.uint8();
    case 1:
      return cursor.int8();
    case 2:
      return cursor.uint16();
    case 3:
      return cursor.int16();
    case 4:
      return cursor.uint32();
    case 5:
      return cursor.int32();
    case 6:
      return cursor.float32();
    case 7:
      return cursor.uint8() !== 0;
    case STRING:
      return readString(cursor, 'a text', GGUF_HEADER_BYTES_MAX);
    case 10:
    case 11:
      return cursor.int64Rounded();
    case 12:
      return cursor.float64();
    default:
      throw new Nonsense(`a metadata value has the type ${type}`);
  }
}

/** Decodes short strings; of long ones the bytes are passed over and an empty text stands for them. */
function readString(cursor: ByteCursor, what: string, bytesMax: number): string {
  const size = cursor.uint64(`the length of ${what}`);
  if (size > bytesMax) throw new Nonsense(`the length of ${what} is ${size}`);
  if (size > STRING_BYTES_KEPT) {
    cursor.skip(size);
    return '';
  }
  return Buffer.from(cursor.bytes(size)).toString('utf8');
}

type ListRead = Readonly<{ length: number; texts: readonly string[] | null }>;

function readArray(cursor: ByteCursor, depth: number): ListRead {
  if (depth > ARRAY_DEPTH_MAX) throw new Nonsense('lists are nested too deeply');
  const type = cursor.uint32();
  const length = cursor.uint64('the length of a list');
  const size = FIXED_SIZE[type];
  if (size !== undefined) {
    cursor.skip(length * size);
    return { length, texts: null };
  }
  if (type === ARRAY) {
    for (let i = 0; i < length; i += 1) readArray(cursor, depth + 1);
    return { length, texts: null };
  }
  if (type !== STRING) throw new Nonsense(`a list has the type ${type}`);
  if (length <= LIST_LENGTH_KEPT) {
    const texts: string[] = [];
    for (let i = 0; i < length; i += 1) texts.push(readString(cursor, 'a text', KEY_BYTES_MAX));
    return { length, texts };
  }
  for (let i = 0; i < length; i += 1) cursor.skip(cursor.uint64('the length of a text'));
  return { length, texts: null };
}

/** Where the tensor ends, counted from the start of the tensor data. */
function readTensor(cursor: ByteCursor): Tensor & Readonly<{ end: number; parameters: number }> {
  const name = readString(cursor, "a tensor's name", TENSOR_NAME_BYTES_MAX);
  const dimensions = cursor.uint32();
  if (dimensions > DIMENSIONS_MAX) throw new Nonsense(`a tensor has ${dimensions} dimensions`);
  const shape: number[] = [];
  for (let i = 0; i < dimensions; i += 1) shape.push(cursor.uint64('the size of a tensor'));
  const parameters = shape.reduce((product, size) => product * size, 1);
  const typeNumber = cursor.uint32();
  const offset = cursor.uint64("a tensor's offset");
  if (typeNumber > TENSOR_TYPE_MAX) throw new Nonsense(`a tensor has the type ${typeNumber}`);
  const type = TENSOR_TYPES.get(typeNumber);
  const blocks = type === undefined ? 0 : Math.ceil(parameters / type.blockValues);
  const end = offset + blocks * (type?.blockBytes ?? 0);
  if (!Number.isSafeInteger(parameters) || !Number.isSafeInteger(end)) {
    throw new Nonsense('a tensor is larger than any file');
  }
  return { name, dtype: type?.name ?? `type ${typeNumber}`, shape, end, parameters };
}

function alignmentOf(metadata: ReadonlyMap<string, GgufValue>): number {
  const alignment = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT;
  const isPower =
    typeof alignment === 'number' && alignment >= 1 && Number.isInteger(Math.log2(alignment));
  if (!isPower || alignment > 65_536) throw new Nonsense('the alignment is not a power of two');
  return alignment;
}
