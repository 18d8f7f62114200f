/**
 * What must hold of money after every step, as a pure function of rows: it reads nothing, trusts no sum that
 * the program kept, and says of each broken law which rows break it. `witness` is what the simulation itself
 * saw happen: what gateways promised to keep, and what was paid.
 */
export type Books = Readonly<{
  entries: readonly BookEntry[];
  accounts: readonly BookAccount[];
  events: readonly BookEvent[];
  leases: readonly BookLease[];
  periods: readonly BookPeriod[];
  grants: readonly BookGrant[];
}>;

export type BookEntry = Readonly<{
  id: number;
  key: string;
  kind: string;
  postings: readonly Readonly<{ accountId: string; currency: string; amountPico: bigint }>[];
}>;

export type BookAccount = Readonly<{
  id: string;
  tenantId: string;
  kind: string;
  floorPico: bigint | null;
  balancePico: bigint;
  /** What parts of leases hold of it, but for leases whose time is over and that wait to be swept. */
  heldPico: bigint;
  /** How far relaxed leases may go beyond it. */
  slackPico: bigint;
}>;

export type BookEvent = Readonly<{
  requestId: string;
  tenantId: string;
  gatewayId: string;
  outcome: string;
  input: number;
  cacheRead: number;
  output: number;
  amountPico: bigint;
  entryId: number | null;
  billedAtMs: number;
  /** Σ of who paid; null where nobody is named, which is cash. */
  sourcesPico: bigint | null;
}>;

export type BookLease = Readonly<{
  id: string;
  state: 'open' | 'released' | 'expired';
  amountPico: bigint;
  slackPico: bigint;
  settledPico: bigint;
  heldPico: bigint;
}>;

export type BookPeriod = Readonly<{
  tenantId: string;
  label: string;
  fromMs: number;
  toMs: number;
  state: 'frozen' | 'closed';
  invoice: Readonly<{
    number: string;
    totalPico: bigint;
    /** Of calls; before rounding. */
    usageExactPico: bigint;
  }> | null;
}>;

export type BookGrant = Readonly<{ id: string; accountId: string; remainingPico: bigint }>;

export type Witness = Readonly<{
  /** Requests that a gateway let in. */
  begun: ReadonlySet<string>;
  /** What must be in the books once, now. */
  shipped: ReadonlyMap<string, Call>;
  /** Cash by tenant: what was received less what went back. */
  receivedPico: ReadonlyMap<string, bigint>;
  /** Gateways that came back after their leases had ended: what they ship has nothing set aside any more. */
  lateGateways: ReadonlySet<string>;
}>;

export type Call = Readonly<{ outcome: string; input: number; cacheRead: number; output: number }>;

export type Broken = Readonly<{ law: string; subject: string; detail: string }>;

export type Moment = 'step' | 'end';

/** Every law that does not hold. `end`: everything was shipped, closed and has had its time. */
export function brokenLaws(books: Books, witness: Witness, moment: Moment): readonly Broken[] {
  return [
    ...entriesBalance(books),
    ...balancesAreFolds(books),
    ...floorsHold(books, witness),
    ...ratedIsPosted(books),
    ...callsAreCounted(books, witness),
    ...leasesSetAside(books, moment),
    ...grantsAreBalances(books),
    ...cashIsReceived(books, witness),
    ...ratedIsInvoiced(books, moment),
  ];
}

function entriesBalance({ entries }: Books): Broken[] {
  const law = 'an entry sums to zero';
  const keys = new Set<string>();
  return entries.flatMap(({ id, key, postings }) => {
    const subject = `entry ${id} ${key}`;
    const found: Broken[] = [];
    for (const [currency, each] of Map.groupBy(postings, (posting) => posting.currency)) {
      const total = sumOf(each, ({ amountPico }) => amountPico);
      if (total !== 0n) found.push({ law, subject, detail: `${total} ${currency}` });
    }
    if (keys.has(key)) found.push({ law: 'a key posts once', subject, detail: key });
    keys.add(key);
    return found;
  });
}

/** Replay: each balance is computed again from the postings alone. */
function balancesAreFolds({ entries, accounts }: Books): Broken[] {
  const folds = new Map<string, bigint>();
  for (const { postings } of entries) {
    for (const { accountId, amountPico } of postings) {
      folds.set(accountId, (folds.get(accountId) ?? 0n) + amountPico);
    }
  }
  return accounts.flatMap(({ id, balancePico }) => {
    const fold = folds.get(id) ?? 0n;
    if (fold === balancePico) return [];
    const detail = `postings say ${fold}, the balance ${balancePico}`;
    return { law: 'a balance is the sum of its postings', subject: `account ${id}`, detail };
  });
}

function floorsHold({ accounts, events }: Books, { lateGateways }: Witness): Broken[] {
  const late = Map.groupBy(
    events.filter(({ gatewayId }) => lateGateways.has(gatewayId)),
    ({ tenantId }) => tenantId,
  );
  return accounts.flatMap(({ id, kind, tenantId, floorPico, balancePico, heldPico, slackPico }) => {
    if (floorPico === null) return [];
    const allowance = slackPico + sumOf(late.get(tenantId) ?? [], (event) => event.amountPico);
    const found: Broken[] = [];
    const subject = `account ${id}`;
    const leastPico = kind === 'credit' ? floorPico - allowance : floorPico;
    if (balancePico < leastPico) {
      const detail = `${balancePico} is under ${leastPico}`;
      found.push({ law: 'no balance is under its floor', subject, detail });
    }
    if (balancePico - heldPico < leastPico) {
      const detail = `${heldPico} are set aside of ${balancePico}`;
      found.push({ law: 'what leases set aside is there', subject, detail });
    }
    return found;
  });
}

function ratedIsPosted({ entries, events }: Books): Broken[] {
  const rated = new Map<number, bigint>();
  const found: Broken[] = [];
  for (const { requestId, amountPico, entryId, sourcesPico } of events) {
    const subject = `call ${requestId}`;
    if (sourcesPico !== null && sourcesPico !== amountPico) {
      const detail = `costs ${amountPico}, its sources paid ${sourcesPico}`;
      found.push({ law: 'who paid a call paid what it costs', subject, detail });
    }
    if (entryId === null) continue;
    rated.set(entryId, (rated.get(entryId) ?? 0n) + amountPico);
  }
  for (const { id, key, kind, postings } of entries) {
    if (kind !== 'usage') continue;
    const posted = sumOf(postings, ({ amountPico }) => (amountPico > 0n ? amountPico : 0n));
    const cost = rated.get(id) ?? 0n;
    rated.delete(id);
    if (posted === cost) continue;
    const detail = `posts ${posted}, its calls cost ${cost}`;
    found.push({ law: 'what is posted is what was rated', subject: `entry ${id} ${key}`, detail });
  }
  for (const [id, cost] of rated) {
    const detail = `calls cost ${cost} and there is no such entry of usage`;
    found.push({ law: 'what is posted is what was rated', subject: `entry ${id}`, detail });
  }
  return found;
}

function callsAreCounted({ events }: Books, { begun, shipped }: Witness): Broken[] {
  const found: Broken[] = [];
  const recorded = Map.groupBy(events, ({ requestId }) => requestId);
  for (const [requestId, each] of recorded) {
    const subject = `call ${requestId}`;
    if (each.length > 1) {
      found.push({ law: 'a call is recorded once', subject, detail: `${each.length} times` });
    }
    if (!begun.has(requestId)) {
      found.push({ law: 'what is recorded was let in', subject, detail: 'nobody let it in' });
    }
  }
  for (const [requestId, promised] of shipped) {
    const subject = `call ${requestId}`;
    const event = recorded.get(requestId)?.[0];
    if (event === undefined) {
      const detail = 'control took it and does not have it';
      found.push({ law: 'what was shipped is recorded', subject, detail });
      continue;
    }
    const isSame =
      event.outcome === promised.outcome &&
      event.input === promised.input &&
      event.cacheRead === promised.cacheRead &&
      event.output === promised.output;
    if (isSame) continue;
    const detail = `${JSON.stringify(promised)} was shipped`;
    found.push({ law: 'what was shipped is recorded', subject, detail });
  }
  return found;
}

function leasesSetAside({ leases }: Books, moment: Moment): Broken[] {
  return leases.flatMap(({ id, state, amountPico, slackPico, settledPico, heldPico }) => {
    const found: Broken[] = [];
    const subject = `lease ${id}`;
    const restPico = amountPico > settledPico && state === 'open' ? amountPico - settledPico : 0n;
    if (heldPico !== restPico) {
      const detail = `${state}, holds ${heldPico} instead of ${restPico}`;
      found.push({ law: 'a lease sets aside what is left of it', subject, detail });
    }
    if (settledPico > amountPico + slackPico) {
      const detail = `settled ${settledPico} of ${amountPico} and ${slackPico}`;
      found.push({ law: 'a lease is not overspent', subject, detail });
    }
    if (moment === 'end' && state === 'open') {
      found.push({ law: 'every lease ends', subject, detail: `${heldPico} are still set aside` });
    }
    return found;
  });
}

function grantsAreBalances({ grants, accounts }: Books): Broken[] {
  const balances = new Map(accounts.map(({ id, balancePico }) => [id, balancePico]));
  return grants.flatMap(({ id, accountId, remainingPico }) => {
    const balance = balances.get(accountId) ?? 0n;
    if (balance === remainingPico) return [];
    const detail = `says ${remainingPico} are left, its account ${balance}`;
    return { law: 'what is left of a grant is its balance', subject: `grant ${id}`, detail };
  });
}

function cashIsReceived({ entries, accounts }: Books, { receivedPico }: Witness): Broken[] {
  const owners = new Map(accounts.map(({ id, tenantId }) => [id, tenantId]));
  const posted = new Map<string, bigint>();
  for (const { kind, postings } of entries) {
    if (kind !== 'payment') continue;
    for (const { accountId, amountPico } of postings) {
      const tenantId = owners.get(accountId);
      if (tenantId === undefined) continue;
      posted.set(tenantId, (posted.get(tenantId) ?? 0n) + amountPico);
    }
  }
  const tenants = new Set([...posted.keys(), ...receivedPico.keys()]);
  return [...tenants].flatMap((tenantId) => {
    const [is, was] = [posted.get(tenantId) ?? 0n, receivedPico.get(tenantId) ?? 0n];
    if (is === was) return [];
    const detail = `${was} came, ${is} are posted`;
    return { law: 'a payment is posted once', subject: `tenant ${tenantId}`, detail };
  });
}

function ratedIsInvoiced({ events, periods }: Books, moment: Moment): Broken[] {
  const found: Broken[] = [];
  const byTenant = Map.groupBy(periods, ({ tenantId }) => tenantId);
  const within = new Map<BookPeriod, bigint>(periods.map((period) => [period, 0n]));
  for (const { requestId, tenantId, billedAtMs, amountPico } of events) {
    const period = byTenant
      .get(tenantId)
      ?.find(({ fromMs, toMs }) => fromMs <= billedAtMs && billedAtMs < toMs);
    if (period !== undefined) within.set(period, (within.get(period) ?? 0n) + amountPico);
    else if (moment === 'end') {
      const detail = `${amountPico}, billed at ${new Date(billedAtMs).toISOString()}`;
      found.push({ law: 'every call is on an invoice', subject: `call ${requestId}`, detail });
    }
  }
  for (const [{ tenantId, label, state, invoice }, cost] of within) {
    const subject = `period ${tenantId} ${label}`;
    if (state === 'closed') {
      const invoiced = invoice?.usageExactPico ?? 0n;
      if (invoiced === cost) continue;
      const detail = `its calls cost ${cost}, its invoice says ${invoiced}`;
      found.push({ law: 'what is invoiced is what was rated', subject, detail });
    } else if (moment === 'end') {
      found.push({ law: 'every period is closed', subject, detail: state });
    }
  }
  return found;
}

function sumOf<T>(values: readonly T[], pick: (value: T) => bigint): bigint {
  return values.reduce((total, value) => total + pick(value), 0n);
}
