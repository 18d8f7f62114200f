/** First look at a model file, for errors that say what is wrong before the native loader fails. */
import { open, stat } from 'node:fs/promises';

import { codeOf } from '#platform/error.ts';

import { failEngine } from '../errors.ts';

const MAGIC = 'GGUF';
/** Versions that llama.cpp reads. */
const VERSION_MIN = 2;
const VERSION_MAX = 3;
/** Magic, version, tensor count and metadata count. */
const HEADER_BYTES = 24;

/** Errors: `engine.weights_missing`, `engine.weights_unreadable`, `engine.weights_foreign`. */
export async function checkModelFile(path: string): Promise<void> {
  const header = await readHeader(path);
  if (header.length === 0) throw failEngine('engine.weights_foreign', 'The model file is empty.');
  if (header.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw failEngine(
      'engine.weights_foreign',
      'The model file is not in GGUF format: it does not begin with "GGUF".',
    );
  }
  if (header.length < HEADER_BYTES) {
    throw failEngine('engine.weights_corrupt', 'The model file ends inside its header.');
  }
  const version = header.readUInt32LE(MAGIC.length);
  if (version < VERSION_MIN || version > VERSION_MAX) {
    throw failEngine(
      'engine.weights_foreign',
      `The model file has GGUF version ${version}; versions ${VERSION_MIN} to ${VERSION_MAX} can be read.`,
    );
  }
}

async function readHeader(path: string): Promise<Buffer> {
  try {
    if (!(await stat(path)).isFile()) {
      throw failEngine('engine.weights_unreadable', 'The model path is not a file.');
    }
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') {
      throw failEngine('engine.weights_missing', 'The model file does not exist.', {
        cause: error,
      });
    }
    if (code === null || code.startsWith('engine.')) throw error;
    throw failEngine('engine.weights_unreadable', `The model file cannot be read (${code}).`, {
      cause: error,
    });
  }
}
