/** Which of a revision's files are the weights: by name alone. Pure. */
import type { Weights } from './api.ts';
import { failWeights } from './errors.ts';

export type WeightsChoice =
  | Readonly<{ kind: 'chosen'; format: Weights['format']; parts: readonly string[] }>
  /** Several models lie side by side; each is named by its first file. */
  | Readonly<{ kind: 'ambiguous'; names: readonly string[] }>
  | Readonly<{ kind: 'incomplete'; path: string; found: number; wanted: number }>
  | Readonly<{ kind: 'none' }>;

const GGUF = /\.gguf$/i;
const SAFETENSORS = /\.safetensors$/i;
/** Weights that no reader here opens; they are stored as they are. */
const OTHER = /\.(bin|pt|pth|ckpt|onnx|h5|msgpack|tflite|mlmodel|npz)$/i;
/** llama.cpp's name for one file of a model that was split. */
const SPLIT = /^(?<stem>.*)-\d{5}-of-(?<count>\d{5})\.gguf$/i;

export function isGgufPath(path: string): boolean {
  return GGUF.test(path);
}

export function isSafetensorsPath(path: string): boolean {
  return SAFETENSORS.test(path);
}

export function isWeightsPath(path: string): boolean {
  return GGUF.test(path) || SAFETENSORS.test(path) || OTHER.test(path);
}

/** GGUF before safetensors before the rest: it is what runs everywhere. */
export function chooseWeights(paths: readonly string[]): WeightsChoice {
  const groups = ggufGroups(paths);
  const [only] = groups;
  if (only !== undefined) return groups.length === 1 ? chosenGguf(only) : ambiguous(groups);
  const safetensors = paths.filter(isSafetensorsPath).toSorted(byDepth);
  if (safetensors.length > 0) {
    return { kind: 'chosen', format: 'safetensors', parts: safetensors };
  }
  const others = paths.filter((path) => OTHER.test(path)).toSorted(byDepth);
  return others.length === 0
    ? { kind: 'none' }
    : { kind: 'chosen', format: 'other', parts: others };
}

/** Raises `weights.missing` or `weights.ambiguous`. */
export function requireWeights(paths: readonly string[]): {
  format: Weights['format'];
  parts: readonly string[];
} {
  const choice = chooseWeights(paths);
  if (choice.kind === 'chosen') return choice;
  if (choice.kind === 'ambiguous') {
    throw failWeights(
      'weights.ambiguous',
      `There are ${choice.names.length} models here; name the one you want with #FILE at the end of the source: ${choice.names.join(', ')}`,
    );
  }
  throw failWeights(
    'weights.missing',
    choice.kind === 'none'
      ? 'There are no weights here: no GGUF, no safetensors, nothing of the kind.'
      : `${choice.path} is split into ${choice.wanted} files, and only ${choice.found} are here.`,
  );
}

/** The files that belong to the model whose (first) file is `path`; null when there is no such file. */
export function groupOf(paths: readonly string[], path: string): readonly string[] | null {
  if (!paths.includes(path)) return null;
  return ggufGroups(paths).find((group) => group.includes(path)) ?? [path];
}

/** Models among the files, each with the files it is split into, in order. */
function ggufGroups(paths: readonly string[]): (readonly string[])[] {
  const groups = new Map<string, string[]>();
  for (const path of paths.filter(isGgufPath).toSorted()) {
    const split = SPLIT.exec(path)?.groups;
    const key = split === undefined ? path : `${split['stem']}-of-${split['count']}`;
    groups.set(key, [...(groups.get(key) ?? []), path]);
  }
  return [...groups.values()];
}

function chosenGguf(parts: readonly string[]): WeightsChoice {
  const path = parts[0] ?? '';
  const wanted = Number(SPLIT.exec(path)?.groups?.['count'] ?? 1);
  if (parts.length < wanted) return { kind: 'incomplete', path, found: parts.length, wanted };
  return { kind: 'chosen', format: 'gguf', parts };
}

function ambiguous(groups: readonly (readonly string[])[]): WeightsChoice {
  return { kind: 'ambiguous', names: groups.map((group) => group[0] ?? '') };
}

/** Files at the top first, then by name. */
function byDepth(left: string, right: string): number {
  const depth = left.split('/').length - right.split('/').length;
  return depth === 0 ? (left < right ? -1 : 1) : depth;
}
