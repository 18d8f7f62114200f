/** The checker finds each fault that is put into healthy books, names its rows, and finds nothing else. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Books, type Moment, type Witness, brokenLaws } from './laws.ts';

const CASH = 'tenant/ten_a/credit/CNY';
const GRANT = 'tenant/ten_a/grant/grt_a/CNY';
const CNY = 'CNY';

/** A payment of 1,000 and a grant of 100; two calls of 30 and 12, one shipment each; one month, closed. */
const HEALTHY: Books = {
  entries: [
    entry(1, 'payment', [CASH, 1_000n], ['platform/cash/CNY', -1_000n]),
    entry(2, 'grant', [GRANT, 100n], ['platform/promo/CNY', -100n]),
    entry(3, 'usage', [CASH, -20n], [GRANT, -10n], ['platform/revenue/CNY', 30n]),
    entry(4, 'usage', [CASH, -12n], ['platform/revenue/CNY', 12n]),
  ],
  accounts: [
    { ...account(CASH, 'credit'), balancePico: 968n },
    { ...account(GRANT, 'grant'), balancePico: 90n },
  ],
  events: [
    { ...call('req_1'), amountPico: 30n, entryId: 3, sourcesPico: 30n },
    { ...call('req_2'), amountPico: 12n, entryId: 4, sourcesPico: null },
  ],
  leases: [
    {
      id: 'lse_1',
      state: 'released',
      amountPico: 50n,
      slackPico: 0n,
      settledPico: 42n,
      heldPico: 0n,
    },
  ],
  periods: [
    {
      tenantId: 'ten_a',
      label: '2026-03',
      fromMs: 0,
      toMs: 1_000,
      state: 'closed',
      invoice: { number: 'INV-1', totalPico: 0n, usageExactPico: 42n },
    },
  ],
  grants: [{ id: 'grt_a', accountId: GRANT, remainingPico: 90n }],
};

const SAID = { outcome: 'finished', input: 10, cacheRead: 0, output: 5 };
const WITNESS: Witness = {
  begun: new Set(['req_1', 'req_2']),
  shipped: new Map([
    ['req_1', SAID],
    ['req_2', SAID],
  ]),
  receivedPico: new Map([['ten_a', 1_000n]]),
  lateGateways: new Set(),
};

function entry(id: number, kind: string, ...postings: readonly (readonly [string, bigint])[]) {
  return {
    id,
    key: `${kind}/${id}`,
    kind,
    postings: postings.map(([accountId, amountPico]) => ({ accountId, currency: CNY, amountPico })),
  };
}

function account(id: string, kind: string) {
  return { id, kind, tenantId: 'ten_a', floorPico: 0n, heldPico: 0n, slackPico: 0n };
}

function call(requestId: string) {
  const place = { tenantId: 'ten_a', gatewayId: 'gtw_1', billedAtMs: 500 };
  return { requestId, ...place, outcome: 'finished', input: 10, cacheRead: 0, output: 5 };
}

/** The books with one row of a kind changed. */
function withRow<Kind extends keyof Books>(
  kind: Kind,
  index: number,
  change: Partial<Books[Kind][number]>,
): Books {
  const rows: readonly object[] = HEALTHY[kind];
  return {
    ...HEALTHY,
    [kind]: rows.map((row, at) => (at === index ? { ...row, ...change } : row)),
  };
}

const [payment, , usage] = HEALTHY.entries;
assert.ok(payment !== undefined && usage !== undefined);

type Fault = Readonly<{
  name: string;
  books: Books;
  witness?: Partial<Witness>;
  moment?: Moment;
  laws: readonly string[];
}>;

const FAULTS: readonly Fault[] = [
  {
    name: 'an entry that is off by one',
    books: withRow('entries', 3, entry(4, 'usage', [CASH, -12n], ['platform/revenue/CNY', 13n])),
    laws: ['an entry sums to zero', 'what is posted is what was rated'],
  },
  {
    name: 'a posting that stands twice',
    books: withRow('entries', 2, { postings: [...usage.postings, ...usage.postings] }),
    laws: [
      'a balance is the sum of its postings',
      'a balance is the sum of its postings',
      'what is posted is what was rated',
    ],
  },
  {
    name: 'a payment that is posted twice',
    books: {
      ...withRow('accounts', 0, { balancePico: 1_968n }),
      entries: [...HEALTHY.entries, { ...payment, id: 5, key: 'payment/5' }],
    },
    laws: ['a payment is posted once'],
  },
  {
    name: 'an entry under the key of another',
    books: {
      ...withRow('accounts', 0, { balancePico: 968n }),
      entries: [...HEALTHY.entries, { ...payment, id: 5, kind: 'grant', postings: [] }],
    },
    laws: ['a key posts once'],
  },
  {
    name: 'a balance that was edited',
    books: withRow('accounts', 0, { balancePico: 969n }),
    laws: ['a balance is the sum of its postings'],
  },
  {
    name: 'a balance under its floor',
    books: withRow('accounts', 0, { floorPico: 969n }),
    laws: ['no balance is under its floor', 'what leases set aside is there'],
  },
  {
    name: 'more set aside than there is',
    books: withRow('accounts', 1, { heldPico: 91n }),
    laws: ['what leases set aside is there'],
  },
  {
    name: 'a call that was lost on the way',
    books: { ...HEALTHY, events: HEALTHY.events.slice(1) },
    laws: [
      'what is posted is what was rated',
      'what was shipped is recorded',
      'what is invoiced is what was rated',
    ],
  },
  {
    name: 'a call that is recorded twice',
    books: { ...HEALTHY, events: [...HEALTHY.events, ...HEALTHY.events.slice(1)] },
    laws: [
      'what is posted is what was rated',
      'a call is recorded once',
      'what is invoiced is what was rated',
    ],
  },
  {
    name: 'a call that was rated and not posted',
    books: {
      ...withRow('accounts', 0, { balancePico: 980n }),
      entries: HEALTHY.entries.slice(0, 3),
    },
    laws: ['what is posted is what was rated'],
  },
  {
    name: 'a call that nobody let in',
    books: HEALTHY,
    witness: { begun: new Set(['req_1']) },
    laws: ['what is recorded was let in'],
  },
  {
    name: 'tokens that became others',
    books: withRow('events', 1, { output: 6 }),
    laws: ['what was shipped is recorded'],
  },
  {
    name: 'sources that paid too little',
    books: withRow('events', 0, { sourcesPico: 29n }),
    laws: ['who paid a call paid what it costs'],
  },
  {
    name: 'a lease that never ends',
    books: withRow('leases', 0, { state: 'open', heldPico: 8n }),
    moment: 'end',
    laws: ['every lease ends'],
  },
  {
    name: 'a lease that holds on to what is spent',
    books: withRow('leases', 0, { state: 'open', heldPico: 9n }),
    laws: ['a lease sets aside what is left of it'],
  },
  {
    name: 'a lease that is overspent',
    books: withRow('leases', 0, { settledPico: 51n }),
    laws: ['a lease is not overspent'],
  },
  {
    name: 'a grant that says more than its account',
    books: withRow('grants', 0, { remainingPico: 91n }),
    laws: ['what is left of a grant is its balance'],
  },
  {
    name: 'an invoice that is off by one pico',
    books: withRow('periods', 0, {
      invoice: { number: 'INV-1', totalPico: 0n, usageExactPico: 43n },
    }),
    laws: ['what is invoiced is what was rated'],
  },
  {
    name: 'a call that no period bills',
    books: withRow('events', 1, { billedAtMs: 1_000 }),
    moment: 'end',
    laws: ['every call is on an invoice', 'what is invoiced is what was rated'],
  },
  {
    name: 'a period that stays frozen',
    books: withRow('periods', 0, { state: 'frozen', invoice: null }),
    moment: 'end',
    laws: ['every period is closed'],
  },
];

describe('the laws of money', () => {
  it('find nothing in healthy books', () => {
    assert.deepEqual(brokenLaws(HEALTHY, WITNESS, 'step'), []);
    assert.deepEqual(brokenLaws(HEALTHY, WITNESS, 'end'), []);
  });

  for (const { name, books, witness = {}, moment = 'step', laws } of FAULTS) {
    it(`find ${name}`, () => {
      const broken = brokenLaws(books, { ...WITNESS, ...witness }, moment);

      assert.deepEqual(
        broken.map(({ law }) => law),
        laws,
        JSON.stringify(broken),
      );
      for (const { subject, detail } of broken) assert.ok(subject !== '' && detail !== '');
    });
  }

  it('allow what a relaxed lease may lend, and what a gateway ships that came back too late', () => {
    const books = withRow('accounts', 0, { floorPico: 1_000n });
    const late = { ...WITNESS, lateGateways: new Set(['gtw_1']) };
    assert.deepEqual(brokenLaws(books, late, 'step'), []);
    const relaxed = withRow('accounts', 0, { floorPico: 1_000n, slackPico: 32n });
    assert.deepEqual(brokenLaws(relaxed, WITNESS, 'step'), []);
  });
});
