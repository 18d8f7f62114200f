/** Addresses of collections: `owner/title-<id>`. Only the id counts, so that a new title breaks no link. Pure. */

const WORDS_LENGTH_MAX = 60;
const ID = /(?:^|[-/])([0-9a-f]{24})$/;

export function slugOf({
  owner,
  title,
  id,
}: Readonly<{ owner: string; title: string; id: string }>): string {
  const words = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, WORDS_LENGTH_MAX)
    .replace(/^-+|-+$/g, '');
  return `${owner}/${words === '' ? '' : `${words}-`}${id}`;
}

/** Null for what is no such address. */
export function idOfSlug(slug: string): string | null {
  return ID.exec(slug)?.[1] ?? null;
}
