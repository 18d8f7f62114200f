/** Which repository a page is about, and where its parts are. Pure. */
import type { RepositoryAddress } from '#client/hub-repositories.ts';
import type { RepositoryDetail, RepositoryKind } from '../cloud.ts';

export type { RepositoryAddress };

export const MAIN = 'main';

/** The page of a repository of each kind. */
export const PAGES = {
  model: '/models/$owner/$name',
  dataset: '/datasets/$owner/$name',
  space: '/spaces/$owner/$name',
} as const satisfies Readonly<Record<RepositoryKind, string>>;

export function paramsOf(name: string): Readonly<{ owner: string; name: string }> {
  const [owner = '', short = ''] = name.split('/');
  return { owner, name: short };
}

export function addressOf({ kind, name }: RepositoryDetail): RepositoryAddress {
  return { kind, name };
}

/** `a/b/c.txt` is `c.txt` in `a/b`. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

/** What a path says that stands in a file of some folder: `../a.png` in `docs` is `a.png`. */
export function joinPath(folder: string, path: string): string {
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

/** The last letters behind the dot, in lower case; empty where there are none. */
export function endingOf(path: string): string {
  const name = fileName(path);
  return name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : '';
}

export function shortCommit(id: string): string {
  return id.slice(0, 8);
}
