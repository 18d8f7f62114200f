/**
 * Which request for a file is a download of its repository. Pure. The rules are those of the Hugging Face hub, so
 * that a number means here what it means there: https://huggingface.co/docs/hub/models-download-stats and
 * huggingface.js: packages/tasks/src/model-libraries.ts, `countDownloads`.
 */
import type { RepositoryKind } from '../api.ts';

/** One of these is fetched once by whoever loads the whole. */
const QUERY_FILES = new Set([
  'config.json',
  'config.yaml',
  'hyperparams.yaml',
  'params.json',
  'meta.yaml',
]);

/** Libraries that load by another file. */
const BY_LIBRARY: Readonly<Record<string, (path: string) => boolean>> = {
  diffusers: (path) => path === 'model_index.json' || isTopLevelWeights(path),
  peft: (path) => path === 'adapter_config.json',
  'sentence-transformers': (path) => path === 'config.json' || path === 'modules.json',
  timm: (path) => path === 'pytorch_model.bin' || path === 'model.safetensors',
  nemo: (path) => path.endsWith('.nemo') || path === 'model_config.yaml',
  onnx: (path) => path.endsWith('.onnx'),
  mlx: (path) => path === 'config.json' || path === 'weights.npz',
  keras: (path) => path === 'config.json' || path.endsWith('.keras'),
  spacy: (path) => path.endsWith('.whl'),
  flair: (path) => path === 'pytorch_model.bin',
  speechbrain: (path) => path === 'hyperparams.yaml',
};

/** A dataset or a space has no file that stands for the whole: any file counts, once for who asks. */
export function isQueryFile(kind: RepositoryKind, library: string | null, path: string): boolean {
  if (kind !== 'model') return path !== '.gitattributes';
  // Each is a model of its own.
  if (path.endsWith('.gguf')) return true;
  const rule = library === null ? undefined : BY_LIBRARY[library];
  return rule === undefined ? QUERY_FILES.has(path) : rule(path);
}

function isTopLevelWeights(path: string): boolean {
  return !path.includes('/') && /\.(safetensors|ckpt|bin|pt)$/.test(path);
}
