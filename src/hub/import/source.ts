/** What kind of place a source is, from its text alone. Pure. */
import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failImport } from '../errors.ts';
import { singleFilePath } from './plan.ts';

export type Repository = Readonly<{
  origin: string;
  /** `owner/name` there. */
  id: string;
  revision: string;
  /** The one model wanted of several. */
  file: string | null;
}>;

export type Source =
  | Readonly<{ kind: 'local'; path: string; file: string | null }>
  | Readonly<{ kind: 'direct'; url: string; path: string }>
  | (Repository & Readonly<{ kind: 'huggingface' | 'modelscope' }>);

const MODEL_FILE = /\.(gguf|safetensors|bin|pt|pth|onnx|zip|tar|gz)$/i;

/** Raises `import.source_invalid`. */
export function parseSource(text: string): Source {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return localSource(text);
  const url = URL.parse(text);
  if (url?.protocol === 'file:') return localSource(pathOf(withoutHash(url)), hashOf(url));
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw invalid('A source is an http(s) URL, or a file or folder on the machine of control.');
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid('Put a password or token into `token`, not into the URL: URLs are shown.');
  }
  return remoteSource(url);
}

function pathOf(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw invalid('A file URL names a path on this machine, such as file:///models/x.gguf.');
  }
}

function localSource(text: string, hash: string | null = null): Source {
  if (!isAbsolute(text) || text.includes('\0')) {
    throw invalid('Name a local file or folder by its absolute path.');
  }
  const [, path, file] = /^(.*?)(?:#([^#]*))?$/s.exec(text) ?? [];
  return { kind: 'local', path: path ?? text, file: hash ?? file ?? null };
}

function remoteSource(url: URL): Source {
  const parts = url.pathname.split('/').filter((part) => part !== '');
  const file = url.searchParams.get('file') ?? hashOf(url);
  const modelScope = modelScopeRepository(url, parts, file);
  if (modelScope !== null) return modelScope;
  const huggingFace = huggingFaceRepository(url, parts, file);
  if (huggingFace !== null) return huggingFace;
  const direct = withoutHash(url);
  // The page of a file, as copied from a browser, leads to the file itself.
  if (parts[2] === 'blob') direct.pathname = url.pathname.replace('/blob/', '/resolve/');
  return { kind: 'direct', url: direct.href, path: singleFilePath(decode(parts.at(-1) ?? '')) };
}

/** `/models/owner/name`, with the tabs a browser shows after it. */
function modelScopeRepository(
  url: URL,
  parts: readonly string[],
  file: string | null,
): Source | null {
  const [models, owner, name, tab, revision] = parts;
  if (models !== 'models' || owner === undefined || name === undefined) return null;
  if (tab !== undefined && !['summary', 'files', 'tree'].includes(tab)) return null;
  return {
    kind: 'modelscope',
    origin: url.origin,
    id: `${decode(owner)}/${decode(name)}`,
    revision: tab === 'tree' ? decode(revision ?? 'master') : 'master',
    file,
  };
}

/** `/owner/name` and `/owner/name/tree/REVISION`; `/owner/model.gguf` is a file like any other. */
function huggingFaceRepository(
  url: URL,
  parts: readonly string[],
  file: string | null,
): Source | null {
  const [owner, name, tree, ...revision] = parts;
  if (owner === undefined || name === undefined) return null;
  if (tree === undefined && MODEL_FILE.test(name)) return null;
  if (tree !== undefined && tree !== 'tree') return null;
  return {
    kind: 'huggingface',
    origin: url.origin,
    id: `${decode(owner)}/${decode(name)}`,
    revision: revision.length === 0 ? 'main' : revision.map(decode).join('/'),
    file,
  };
}

function hashOf(url: URL): string | null {
  return url.hash.length > 1 ? decode(url.hash.slice(1)) : null;
}

function withoutHash(url: URL): URL {
  const copy = new URL(url);
  copy.hash = '';
  return copy;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign stands for itself.
    return text;
  }
}

function invalid(message: string): Error {
  return failImport('import.source_invalid', message, { param: 'source' });
}
