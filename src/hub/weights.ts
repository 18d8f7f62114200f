/**
 * Reads the weights among a revision's files: checks that each is whole and is what its name says,
 * and gathers what they say of themselves. Raises the `weights.*` errors, in words for the person
 * who offered the file.
 */
import { z } from '@hono/zod-openapi';
import type { Base, Weights } from './api.ts';
import { fileTypeName } from './ggml-type.ts';
import { type Gguf, parseGguf } from './gguf.ts';
import { type Safetensors, parseSafetensors } from './safetensors.ts';
import { isGgufPath, isSafetensorsPath, requireWeights } from './weights-choice.ts';
import { type CandidateFile, readHeader } from './weights-header.ts';

export type WeightsReport = Readonly<{
  weights: Weights;
  /** Every file of the weights, the one to open first. */
  parts: readonly string[];
  hasChatTemplate: boolean;
  license: string | null;
  tags: readonly string[];
  /** The base as the weights name it. */
  bases: readonly Readonly<{ name: string; relation: Base['relation'] | null }>[];
}>;

/** A config.json is some kilobytes. */
const CONFIG_BYTES_MAX = 1024 * 1024;

export async function inspectWeights(files: readonly CandidateFile[]): Promise<WeightsReport> {
  const headers = new Map<string, Gguf | Safetensors>();
  for (const file of files) {
    if (isGgufPath(file.path))
      headers.set(file.path, await readHeader(file, 'a GGUF model', parseGguf));
    if (isSafetensorsPath(file.path)) {
      headers.set(file.path, await readHeader(file, 'a safetensors file', parseSafetensors));
    }
  }
  const { format, parts } = requireWeights(files.map((file) => file.path));
  const sizeBytes = files
    .filter((file) => parts.includes(file.path))
    .reduce((sum, file) => sum + file.sizeBytes, 0);
  const shared = { format, path: parts[0] ?? '', sizeBytes };
  const first = headers.get(shared.path);
  const parameters = parts.reduce((sum, part) => sum + (headers.get(part)?.parameters ?? 0), 0);
  if (first !== undefined && 'metadata' in first) {
    return { ...ggufReport(first, { ...shared, parameters }), parts };
  }
  const dtype = first !== undefined && 'dtype' in first ? first.dtype : null;
  const facts = { ...shared, parameters: parameters || null, quantization: dtype };
  return { ...(await configReport(files, facts)), parts };
}

type Shared = Readonly<{ format: Weights['format']; path: string; sizeBytes: number }>;
type Report = Omit<WeightsReport, 'parts'>;

function ggufReport(gguf: Gguf, shared: Shared & { parameters: number }): Report {
  const textOf = (key: string): string | null => {
    const value = gguf.metadata.get(key);
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const countOf = (key: string): number | null => {
    const value = gguf.metadata.get(key);
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
  };
  const architecture = textOf('general.architecture');
  const isAdapter = textOf('general.type') === 'adapter' || textOf('adapter.type') !== null;
  const tags = gguf.metadata.get('general.tags');
  const fileType = countOf('general.file_type');
  return {
    weights: {
      ...shared,
      architecture,
      contextLength: architecture === null ? null : countOf(`${architecture}.context_length`),
      quantization: fileType === null ? null : fileTypeName(fileType),
      isAdapter,
    },
    hasChatTemplate: gguf.metadata.has('tokenizer.chat_template'),
    license: textOf('general.license'),
    tags: Array.isArray(tags) ? tags : [],
    bases: ggufBases(textOf, countOf('general.base_model.count') ?? 0, isAdapter),
  };
}

const BASES_MAX = 16;

function ggufBases(
  textOf: (key: string) => string | null,
  count: number,
  isAdapter: boolean,
): Report['bases'] {
  const bases: { name: string; relation: Base['relation'] | null }[] = [];
  for (let i = 0; i < Math.min(count, BASES_MAX); i += 1) {
    const repository = textOf(`general.base_model.${i}.repo_url`);
    const fromUrl = repository === null ? null : URL.parse(repository)?.pathname.slice(1);
    const organization = textOf(`general.base_model.${i}.organization`);
    const short = textOf(`general.base_model.${i}.name`);
    const name =
      fromUrl ?? (organization !== null && short !== null ? `${organization}/${short}` : short);
    if (name !== null) bases.push({ name, relation: isAdapter ? 'adapter' : null });
  }
  return bases;
}

/** Fields that are missing or of another type say nothing; the weights were checked on their own. */
const configSchema = z.object({
  model_type: z.string().max(100).nullable().catch(null),
  max_position_embeddings: z.int().nonnegative().nullable().catch(null),
});
const adapterConfigSchema = z.object({
  base_model_name_or_path: z.string().max(500).nullable().catch(null),
});

async function readJson<Schema extends z.ZodType>(
  files: readonly CandidateFile[],
  path: string,
  schema: Schema,
): Promise<z.output<Schema> | null> {
  const file = files.find((candidate) => candidate.path === path);
  if (file === undefined || file.sizeBytes > CONFIG_BYTES_MAX) return null;
  const text = Buffer.from(await file.read(0, file.sizeBytes)).toString('utf8');
  return schema.safeParse(parseJson(text)).data ?? null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is not JSON fits no schema either, which is where the caller looks.
    return undefined;
  }
}

async function configReport(
  files: readonly CandidateFile[],
  shared: Shared & { parameters: number | null; quantization: string | null },
): Promise<Report> {
  const config = await readJson(files, 'config.json', configSchema);
  const adapter = await readJson(files, 'adapter_config.json', adapterConfigSchema);
  const base = adapter?.base_model_name_or_path ?? null;
  return {
    weights: {
      ...shared,
      architecture: config?.model_type ?? null,
      contextLength: config?.max_position_embeddings ?? null,
      isAdapter: adapter !== null || shared.path.endsWith('adapter_model.safetensors'),
    },
    hasChatTemplate: false,
    license: null,
    tags: [],
    bases: base === null ? [] : [{ name: base, relation: 'adapter' }],
  };
}
