/**
 * The addresses that Hugging Face's clients print (`/owner/name/commit/…`, `/datasets/owner/name/tree/main/…`) are
 * pages here too. Pure: what was asked for in, the console's own address out; null where it is one already.
 */
const PREFIXES: Readonly<Record<string, string>> = { datasets: 'datasets', spaces: 'spaces' };

/** First parts of the console's own addresses, and of what is no page at all. */
const OWN = new Set([
  'assets',
  'batches',
  'billing',
  'cloud',
  'collections',
  'deployments',
  'device',
  'discussions',
  'finance',
  'keys',
  'limits',
  'models',
  'oauth',
  'owners',
  'playground',
  'providers',
  'requests',
  'routes',
  'settings',
  'sign-in',
  'usage',
]);

export function consoleAddress(path: string): string | null {
  const parts = path.split('/').filter((part) => part !== '');
  const prefix = PREFIXES[parts[0] ?? ''];
  const [owner, name, view, at, ...rest] = prefix === undefined ? parts : parts.slice(1);
  if (owner === undefined || name === undefined) return null;
  if (prefix === undefined && OWN.has(owner)) return null;
  if (view === 'discussions' && at !== undefined) {
    return `/discussions/${(prefix ?? 'models').slice(0, -1)}/${owner}/${name}/${at}`;
  }
  const page = `/${prefix ?? 'models'}/${owner}/${name}`;
  const search = searchOf(view, at, rest);
  if (search === null || (search === '' && prefix !== undefined)) return null;
  return page + search;
}

/** Null for what is no address of theirs. */
function searchOf(
  view: string | undefined,
  at: string | undefined,
  rest: readonly string[],
): string | null {
  if (view === undefined) return '';
  if (view === 'tree' || view === 'blob') {
    const path = rest.map(decoded).join('/');
    return query({ tab: 'files', at: decoded(at ?? ''), path });
  }
  if (view === 'commits') return query({ tab: 'history', at: decoded(at ?? '') });
  if (view === 'commit') return query({ tab: 'history', commit: decoded(at ?? '') });
  if (view === 'discussions' || view === 'settings' || view === 'viewer')
    return query({ tab: view });
  return null;
}

function query(values: Readonly<Record<string, string>>): string {
  const present = Object.entries(values).filter(([, value]) => value !== '');
  return `?${new URLSearchParams(present).toString()}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign is a letter like others.
    return text;
  }
}
