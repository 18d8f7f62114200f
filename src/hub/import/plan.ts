/** What an import will fetch: the files it needs out of those a source offers. Pure. */
import { failImport } from '../errors.ts';
import { requireSafePath } from '../name.ts';
import { groupOf, isGgufPath, isWeightsPath, requireWeights } from '../weights-choice.ts';

/** One file to fetch. Kept with the import, so that a broken one goes on. */
export type PlannedFile = Readonly<{
  path: string;
  /** An http(s) URL, or an absolute path on this machine. */
  from: string;
  sizeBytes: number | null;
  /** What its bytes must hash to, where the source says so. */
  sha256: string | null;
  /** The source's word for this state of the file (ETag or date), to go on safely. */
  validator: string | null;
}>;

export type ImportLimits = Readonly<{ filesMax: number; totalBytesMax: number }>;

export const IMPORT_LIMITS: ImportLimits = {
  /** The largest models of the open hubs come in some hundred shards. */
  filesMax: 2000,
  /** A trillion parameters at 16 bits. */
  totalBytesMax: 2 * 1024 ** 4,
};

/**
 * The files that make one model: `wanted` if it is named, else the only one there is, with whatever
 * is not weights beside it. Raises `weights.ambiguous`, `weights.missing`, `import.source_missing`.
 */
export function selectFiles(
  offered: readonly PlannedFile[],
  wanted: string | null,
): readonly PlannedFile[] {
  const visible = offered.filter((file) => !isHidden(file.path));
  const paths = visible.map((file) => file.path);
  const weights = wanted === null ? requireWeights(paths).parts : namedModel(paths, wanted);
  const files = visible.filter((file) => weights.includes(file.path) || !isWeightsPath(file.path));
  for (const file of files) requireSafePath(file.path);
  return files;
}

/** Raises `import.too_large`. */
export function requireWithin(files: readonly PlannedFile[], limits: ImportLimits): void {
  if (files.length > limits.filesMax) {
    throw failImport(
      'import.too_large',
      `There are ${files.length} files; an import takes ${limits.filesMax} at most.`,
    );
  }
  const totalBytes = files.reduce((sum, file) => sum + (file.sizeBytes ?? 0), 0);
  if (totalBytes > limits.totalBytesMax) {
    throw failImport(
      'import.too_large',
      `The files have ${totalBytes} bytes; an import takes ${limits.totalBytesMax} at most.`,
    );
  }
}

function namedModel(paths: readonly string[], wanted: string): readonly string[] {
  const group = groupOf(paths, wanted);
  if (group !== null) return group;
  const there = paths.filter(isGgufPath);
  throw failImport(
    'import.source_missing',
    `There is no file ${wanted}. ${there.length === 0 ? '' : `There are ${there.join(', ')}`}`.trim(),
  );
}

/** `.git`, `.gitattributes`, `.cache`, `.DS_Store`: of the folder, not of the model. */
function isHidden(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.') && part !== '.' && part !== '..');
}

/** A lone file is a model whatever it is called; what it is not is found when it is read. */
export function singleFilePath(name: string): string {
  const plain = name.replace(/[^\w.-]+/g, '-').replace(/^[.-]+/, '');
  if (/\.(gguf|safetensors)$/i.test(plain)) return plain;
  return `${plain.replace(/\.\w+$/, '') || 'model'}.gguf`;
}
