/**
 * The header of a safetensors file: eight bytes of length, then JSON that says where each tensor
 * lies. Bounds are checked against the file, so that a truncated one is found. Pure.
 *
 * Layout: github.com/huggingface/safetensors, README.
 */
import type { Tensor } from './gguf.ts';
import type { HeaderResult } from './weights-header.ts';

export type Safetensors = Readonly<{
  tensorCount: number;
  parameters: number;
  /** The type that most values have, such as `BF16`. */
  dtype: string | null;
}>;

/** The format's own limit. */
export const SAFETENSORS_HEADER_BYTES_MAX = 100_000_000;
const LENGTH_BYTES = 8;
const OPENING_BRACE = 0x7b;

export function parseSafetensors(bytes: Uint8Array, fileBytes: number): HeaderResult<Safetensors> {
  if (fileBytes < LENGTH_BYTES + 2) return { kind: 'foreign' };
  if (bytes.length < LENGTH_BYTES + 1) return { kind: 'more', bytesNeeded: LENGTH_BYTES + 1 };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (bytes[LENGTH_BYTES] !== OPENING_BRACE) return { kind: 'foreign' };
  if (headerBytes > SAFETENSORS_HEADER_BYTES_MAX) return { kind: 'foreign' };
  const dataStart = LENGTH_BYTES + headerBytes;
  if (dataStart > fileBytes) return { kind: 'truncated', bytesNeeded: dataStart };
  if (dataStart > bytes.length) return { kind: 'more', bytesNeeded: dataStart };
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, dataStart));
  if (header === null) return { kind: 'corrupt', reason: 'its header is not JSON' };
  return measure(header, fileBytes, dataStart);
}

/** What a header that was parsed says one by one, the first `most` of it. */
export function listTensors(
  bytes: Uint8Array,
  most: number,
): Readonly<{ tensors: readonly Tensor[]; metadata: ReadonlyMap<string, string> }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = LENGTH_BYTES + Number(view.getBigUint64(0, true));
  const { __metadata__: said, ...entries } = parseHeader(bytes.subarray(LENGTH_BYTES, end)) ?? {};
  const tensors = Object.entries(entries)
    .slice(0, most)
    .flatMap(([name, entry]) => {
      const tensor = readTensor(entry);
      return tensor === null ? [] : [{ name, dtype: tensor.dtype, shape: tensor.shape }];
    });
  const texts = Object.entries(isRecord(said) ? said : {}).slice(0, most);
  return { tensors, metadata: new Map(texts.map(([key, value]) => [key, String(value)])) };
}

function parseHeader(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return isRecord(value) ? value : null;
  } catch {
    // Not JSON is an answer here, not a failure: the caller says what the file should have been.
    return null;
  }
}

function measure(
  header: Readonly<Record<string, unknown>>,
  fileBytes: number,
  dataStart: number,
): HeaderResult<Safetensors> {
  let [tensorCount, parameters, end] = [0, 0, 0];
  const valuesByType = new Map<string, number>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const tensor = readTensor(entry);
    if (tensor === null) return { kind: 'corrupt', reason: 'a tensor has no proper place' };
    tensorCount += 1;
    parameters += tensor.values;
    end = Math.max(end, tensor.end);
    valuesByType.set(tensor.dtype, (valuesByType.get(tensor.dtype) ?? 0) + tensor.values);
  }
  if (!Number.isSafeInteger(parameters)) {
    return { kind: 'corrupt', reason: 'a tensor is larger than any file' };
  }
  if (dataStart + end > fileBytes) return { kind: 'truncated', bytesNeeded: dataStart + end };
  const [most] = [...valuesByType].toSorted(([, a], [, b]) => b - a);
  return { kind: 'parsed', header: { tensorCount, parameters, dtype: most?.[0] ?? null } };
}

type Placed = Omit<Tensor, 'name'> & Readonly<{ values: number; end: number }>;

function readTensor(entry: unknown): Placed | null {
  if (!isRecord(entry)) return null;
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || dtype.length > 16) return null;
  if (!Array.isArray(shape) || !shape.every(isCount)) return null;
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) return null;
  const [start = 0, end = 0] = offsets;
  if (start > end) return null;
  return { dtype, shape, values: shape.reduce((product, size) => product * size, 1), end };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
