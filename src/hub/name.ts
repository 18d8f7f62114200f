/** Names of models, and paths of files inside a revision: what is allowed, and why not. Pure. */
import { failHub, failImport } from './errors.ts';

export type ModelName = Readonly<{ owner: string; name: string }>;

const PART = /^[A-Za-z0-9][\w.-]{0,95}$/;

/** First parts of paths that the front door itself answers to; an owner of that name could not be reached. */
const RESERVED_OWNERS: ReadonlySet<string> = new Set([
  'api',
  'assets',
  'cloud',
  'compatible-mode',
  'datasets',
  'healthz',
  'internal',
  'metrics',
  'models',
  'oauth',
  'openapi',
  'readyz',
  'spaces',
  'v1',
  'xet',
]);

export function isReservedOwner(owner: string): boolean {
  return RESERVED_OWNERS.has(owner.toLowerCase());
}

/** Splits `owner/name`. Raises `model.name_invalid`. */
export function parseModelName(text: string): ModelName {
  const [owner = '', name = '', ...rest] = text.split('/');
  if (rest.length > 0 || !PART.test(owner) || !PART.test(name)) {
    throw failHub('model.name_invalid', 'A model is named owner/name, such as qwen/qwen3-0.6b.', {
      param: 'modelName',
    });
  }
  if (isReservedOwner(owner)) {
    throw failHub('model.name_invalid', `The owner ${owner} is reserved; choose another.`, {
      param: 'modelName',
    });
  }
  return { owner, name };
}

/** Limits of common file systems, so that every node can write the file down again. */
const PATH_BYTES_MAX = 1024;
const PATH_PART_BYTES_MAX = 255;
/** Control characters, and what means something to a file system somewhere. */
// eslint-disable-next-line no-control-regex -- control characters are exactly what is refused.
const FORBIDDEN = /[\u0000-\u001f\u007f\\:*?"<>|]/;

/** True for a relative path that stays inside its folder on every file system. */
export function isSafePath(path: string): boolean {
  if (path === '' || Buffer.byteLength(path) > PATH_BYTES_MAX || FORBIDDEN.test(path)) return false;
  if (path !== path.normalize('NFC') || !path.isWellFormed()) return false;
  return path
    .split('/')
    .every(
      (part) =>
        part !== '' &&
        part !== '.' &&
        part !== '..' &&
        part.trim() === part &&
        Buffer.byteLength(part) <= PATH_PART_BYTES_MAX,
    );
}

/** Raises `import.path_invalid`. */
export function requireSafePath(path: string): string {
  if (isSafePath(path)) return path;
  throw failImport(
    'import.path_invalid',
    `A file there is named ${JSON.stringify(path.slice(0, 120))}, which is not a plain relative path.`,
  );
}
