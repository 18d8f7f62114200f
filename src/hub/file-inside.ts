/** The header of a weights file as a page shows it: its metadata and the first of its tensors. */
import type { File, WeightsHeader } from './api.ts';
import { failWeights } from './errors.ts';
import { type Tensor, parseGguf } from './gguf.ts';
import type { Hub } from './hub.ts';
import { listTensors, parseSafetensors } from './safetensors.ts';
import { type HeaderResult, readHeader } from './weights-header.ts';

/** What a page shows is worth reading so much; the largest vocabularies in use take 20 MiB. */
const HEADER_BYTES_MAX = 32 * 1024 * 1024;
const TENSORS_SHOWN = 4096;
const METADATA_SHOWN = 500;
const TEXT_LENGTH_SHOWN = 2000;

/** Raises `weights.*` for what is neither, is cut short or is damaged. */
export async function readInside(hub: Hub, file: File): Promise<WeightsHeader> {
  const candidate = {
    ...file,
    read: async (offset: number, length: number) => {
      const parts: Uint8Array[] = [];
      const range = { start: offset, end: offset + length };
      for await (const part of await hub.readBlob(file.sha256, range)) parts.push(part);
      return Buffer.concat(parts);
    },
  };
  if (file.path.endsWith('.gguf')) {
    const header = await readHeader(candidate, 'a GGUF model', bounded(parseGguf));
    return shown('gguf', header, header.tensors, header.metadata);
  }
  if (file.path.endsWith('.safetensors')) {
    return readHeader(
      candidate,
      'a safetensors file',
      bounded((bytes, fileBytes) => {
        const result = parseSafetensors(bytes, fileBytes);
        if (result.kind !== 'parsed') return result;
        const { tensors, metadata } = listTensors(bytes, TENSORS_SHOWN);
        return { kind: 'parsed', header: shown('safetensors', result.header, tensors, metadata) };
      }),
    );
  }
  throw failWeights('weights.foreign', `${file.path} is neither GGUF nor safetensors.`);
}

function bounded<Header>(parse: (bytes: Uint8Array, fileBytes: number) => HeaderResult<Header>) {
  return (bytes: Uint8Array, fileBytes: number): HeaderResult<Header> => {
    const result = parse(bytes, fileBytes);
    return result.kind === 'more' && result.bytesNeeded > HEADER_BYTES_MAX
      ? { kind: 'unsupported', reason: `its header is larger than ${HEADER_BYTES_MAX} bytes` }
      : result;
  };
}

function shown(
  format: WeightsHeader['format'],
  { tensorCount, parameters }: Readonly<{ tensorCount: number; parameters: number }>,
  tensors: readonly Tensor[],
  metadata: ReadonlyMap<string, string | number | boolean | readonly string[]>,
): WeightsHeader {
  return {
    format,
    tensorCount,
    parameters,
    tensors: tensors
      .slice(0, TENSORS_SHOWN)
      .map(({ name, dtype, shape }) => ({ name, dtype, shape: [...shape] })),
    metadata: [...metadata].slice(0, METADATA_SHOWN).map(([key, value]) => ({
      key,
      value: (Array.isArray(value) ? value.join(', ') : String(value)).slice(0, TEXT_LENGTH_SHOWN),
    })),
  };
}
