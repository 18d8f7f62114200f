/**
 * What each page keeps in its address, so that a view can be shared and found again. Pure parsers:
 * whatever is not understood falls back to the default, which the address leaves out.
 */
type Raw = Readonly<Record<string, unknown>>;

export type UsageRange = '24h' | '7d' | '30d';
export type UsageGroup = 'model' | 'key' | 'project';
export type UsageMeasure = 'amount' | 'tokens' | 'calls';
export type RepositoryTab = (typeof REPOSITORY_TABS)[number];
export type BillingTab = (typeof BILLING_TABS)[number];
export type FinanceTab = (typeof FINANCE_TABS)[number];
export type SettingsTab = 'preferences' | 'members' | 'projects' | 'tenants' | 'webhooks' | 'cloud';

const RANGES = ['24h', '7d', '30d'] as const;
const GROUPS = ['model', 'key', 'project'] as const;
const MEASURES = ['amount', 'tokens', 'calls'] as const;
/** In the order of the page. */
export const REPOSITORY_TABS = [
  'card',
  'viewer',
  'files',
  'history',
  'lineage',
  'discussions',
  'settings',
] as const;
export const OUTCOMES = ['finished', 'cancelled', 'failed', 'abandoned', 'refused'] as const;
const CACHES = ['hit', 'miss'] as const;
const SETTINGS_TABS = [
  'preferences',
  'members',
  'projects',
  'tenants',
  'webhooks',
  'cloud',
] as const;

const OTHER_KINDS = ['dataset', 'space'] as const;
/** Where nothing is said: the best fit of a search, else what trends. */
export const MODELS_SORTS = [
  'trending',
  'downloads',
  'likes',
  'updated',
  'created',
  'parameters',
  'name',
] as const;
export type ModelsSort = (typeof MODELS_SORTS)[number];

const BILLING_TABS = ['overview', 'spend', 'invoices', 'plans', 'payments', 'budgets'] as const;
const SPEND_RANGES = ['7d', '30d', '90d'] as const;
const SPEND_GROUPS = ['model', 'key', 'project', 'tag', 'source'] as const;
const REVENUE_GROUPS = ['model', 'tenant', 'region'] as const;
const FINANCE_TABS = [
  'revenue',
  'prices',
  'plans',
  'receivables',
  'payments',
  'authors',
  'ledger',
  'books',
] as const;

export const parseSignInSearch = (raw: Raw): { next?: string } =>
  present({ next: path(raw['next']) });

export type ModelsSearch = {
  /** Models where nothing is said. */
  kind?: (typeof OTHER_KINDS)[number];
  q?: string;
  sort?: ModelsSort;
  /** Of these one is enough; commas between. */
  task?: string;
  library?: string;
  license?: string;
  language?: string;
  quantization?: string;
  parameters?: string;
  import?: boolean;
};

export const parseModelsSearch = (raw: Raw): ModelsSearch =>
  present({
    kind: choice(OTHER_KINDS, raw['kind']),
    q: text(raw['q']),
    sort: choice(MODELS_SORTS, raw['sort']),
    task: text(raw['task']),
    library: text(raw['library']),
    license: text(raw['license']),
    language: text(raw['language']),
    quantization: text(raw['quantization']),
    parameters: text(raw['parameters']),
    import: flag(raw['import']),
  });

export type RepositorySearch = {
  tab?: RepositoryTab;
  /** The branch, tag or commit whose files are shown; main where nothing is said. */
  at?: string;
  /** The folder or file that is open. */
  path?: string;
  /** The commit that is open. */
  commit?: string;
};

export const parseRepositorySearch = (raw: Raw): RepositorySearch =>
  present({
    tab: choice(REPOSITORY_TABS, raw['tab']),
    at: text(raw['at']),
    path: text(raw['path']),
    commit: text(raw['commit']),
  });

export type PlaygroundSearch = {
  model?: string;
  temperature?: number;
  topP?: number;
  maxTokens?: number;
  thinking?: boolean;
};

export const parsePlaygroundSearch = (raw: Raw): PlaygroundSearch =>
  present({
    model: text(raw['model']),
    temperature: number(raw['temperature'], 0, 2),
    topP: number(raw['topP'], 0, 1),
    maxTokens: number(raw['maxTokens'], 1, 131_072),
    thinking: flag(raw['thinking']),
  });

export const parseDeploymentsSearch = (raw: Raw): { create?: string; logs?: string } =>
  present({ create: text(raw['create']), logs: text(raw['logs']) });

export const parseKeysSearch = (raw: Raw): { create?: boolean } =>
  present({ create: flag(raw['create']) });

export type UsageSearch = {
  range?: UsageRange;
  by?: UsageGroup;
  measure?: UsageMeasure;
  event?: string;
};

export const parseUsageSearch = (raw: Raw): UsageSearch =>
  present({
    range: choice(RANGES, raw['range']),
    by: choice(GROUPS, raw['by']),
    measure: choice(MEASURES, raw['measure']),
    event: text(raw['event']),
  });

export const parseProvidersSearch = (raw: Raw): { create?: boolean; models?: string } =>
  present({ create: flag(raw['create']), models: text(raw['models']) });

export type RequestsSearch = {
  model?: string;
  key?: string;
  outcome?: (typeof OUTCOMES)[number];
  status?: number;
  cache?: (typeof CACHES)[number];
  tag?: string;
  /** The call that is open. */
  request?: string;
  settings?: boolean;
};

export const parseRequestsSearch = (raw: Raw): RequestsSearch =>
  present({
    model: text(raw['model']),
    key: text(raw['key']),
    outcome: choice(OUTCOMES, raw['outcome']),
    status: number(raw['status'], 1, 599),
    cache: choice(CACHES, raw['cache']),
    tag: text(raw['tag']),
    request: text(raw['request']),
    settings: flag(raw['settings']),
  });

export const parseSettingsSearch = (raw: Raw): { tab?: SettingsTab } =>
  present({ tab: choice(SETTINGS_TABS, raw['tab']) });

export type SpendRange = (typeof SPEND_RANGES)[number];
export type SpendBy = (typeof SPEND_GROUPS)[number];
export type RevenueBy = (typeof REVENUE_GROUPS)[number];

export type BillingSearch = {
  tab?: BillingTab;
  range?: SpendRange;
  by?: SpendBy;
  model?: string;
  key?: string;
  project?: string;
  tag?: string;
  /** The payment that somebody comes back from, and whether they left its page. */
  payment?: string;
  canceled?: boolean;
  /** Of a statement of earnings: `2027-01`. */
  month?: string;
  /** The invoice that is open, or `preview`; and the line of it whose requests are shown. */
  invoice?: string;
  line?: string;
};

export const parseBillingSearch = (raw: Raw): BillingSearch =>
  present({
    tab: choice(BILLING_TABS, raw['tab']),
    range: choice(SPEND_RANGES, raw['range']),
    by: choice(SPEND_GROUPS, raw['by']),
    model: text(raw['model']),
    key: text(raw['key']),
    project: text(raw['project']),
    tag: text(raw['tag']),
    payment: text(raw['payment']),
    canceled: flag(raw['canceled']),
    month: month(raw['month']),
    invoice: text(raw['invoice']),
    line: text(raw['line']),
  });

export type FinanceSearch = {
  tab?: FinanceTab;
  range?: SpendRange;
  by?: RevenueBy;
  /** Of revenue; the operator's own. */
  currency?: string;
  /** The entry that is open. */
  entry?: number;
  /** The account that is open. */
  account?: string;
  /** What the explorer looks for. */
  find?: string;
  /** The author whose statement is open. */
  author?: string;
  month?: string;
  /** The invoice that is open, and the line of it whose requests are shown. */
  invoice?: string;
  line?: string;
  /** The tenant whose terms are open. */
  terms?: string;
};

export const parseFinanceSearch = (raw: Raw): FinanceSearch =>
  present({
    tab: choice(FINANCE_TABS, raw['tab']),
    range: choice(SPEND_RANGES, raw['range']),
    by: choice(REVENUE_GROUPS, raw['by']),
    currency: text(raw['currency']),
    entry: number(raw['entry'], 1, Number.MAX_SAFE_INTEGER),
    account: text(raw['account']),
    find: text(raw['find']),
    author: text(raw['author']),
    month: month(raw['month']),
    invoice: text(raw['invoice']),
    line: text(raw['line']),
    terms: text(raw['terms']),
  });

/** Leaves out what is undefined, for addresses without empty parameters. */
function present<T extends object>(values: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const kept: { [Name in keyof T]?: Exclude<T[Name], undefined> } = {};
  return Object.assign(
    kept,
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)),
  );
}

function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Only a path of this page: never another origin to send a person to after sign-in. */
function path(value: unknown): string | undefined {
  return typeof value === 'string' && /^\/(?![/\\])/.test(value) ? value : undefined;
}

function month(value: unknown): string | undefined {
  return typeof value === 'string' && /^\d{4}-(0[1-9]|1[0-2])$/.test(value) ? value : undefined;
}

function flag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function number(value: unknown, min: number, max: number): number | undefined {
  return typeof value === 'number' && value >= min && value <= max ? value : undefined;
}

function choice<T extends string>(choices: readonly T[], value: unknown): T | undefined {
  return choices.find((candidate) => candidate === value);
}
