/**
 * A schedule over a gateway and a control that die in this process (see life.ts), under callers that stream,
 * ask whole answers and leave. At its end: every answer that the caller had whole and whose journal outlived
 * it is in the books once, with exactly what the upstream said; nothing is in the books that never began;
 * nothing that a gateway counts is left over; and no lease is open once its time is over.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyIdentity } from '#gateway/control-client.ts';
import { EMPTY_FEED, type Feed } from '#gateway/feed.ts';
import { feedModel, feedReplica, until } from '#gateway/gateway-fixture.ts';
import { createLedger } from '#ledger/ledger.ts';
import { LEASE_GRACE_MS, LEASE_TTL_MS } from '#ledger/lease.ts';
import { parseAmount } from '#ledger/money.ts';
import { type Clock, systemClock } from '#platform/clock.ts';
import { type Database, sql } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { silentLog as log } from '#platform/log.ts';
import { createPricing } from '#pricing/pricing.ts';
import { createKey } from '#tenancy/key.ts';
import { insertModel, insertTenant } from '../money.ts';
import type { ControlPoint } from './control-process.ts';
import { type ControlLife, type GatewayLife, startControlLife, startGatewayLife } from './life.ts';
import { readJournalFolder } from './on-disk.ts';
import { type Random, createRandom } from './random.ts';
import { type Wish, startUpstream, usageOf } from './upstream.ts';

export const LIFE_CREDIT = '1000000';

export type LifeWorld = Readonly<{
  database: Database;
  tenantId: string;
  secret: string;
  key: KeyIdentity;
  feed: Feed;
  stop: () => Promise<void>;
}>;

export type LifeResult = Readonly<{
  answered: number;
  recorded: number;
  abandoned: number;
  /** Whole answers whose admission was not on the disk yet when the gateway died. */
  unbilled: number;
  gatewayDeaths: number;
  controlDeaths: number;
}>;

const CALLS = 14;
const CALLERS = 5;
const DRAIN_MS = 30_000;

/** One tenant, model and upstream for all schedules. */
export async function createLifeWorld(database: Database): Promise<LifeWorld> {
  const parts = { database, clock: systemClock, log };
  const tenantId = await insertTenant(database);
  const model = await insertModel(database, tenantId);
  const models = { find: async () => model, list: async () => [model] };
  const pricing = createPricing({ ...parts, models });
  const price = await pricing.publish(
    { tenantId, isOperator: true },
    {
      model: model.name,
      currency: 'CNY',
      effectiveFromMs: null,
      inputPerMillion: '0.3',
      cacheReadPerMillion: '0.03',
      outputPerMillion: '1.2',
      reasoningPerMillion: null,
      createdBy: null,
    },
  );
  await createLedger(parts).credit({
    tenantId,
    currency: 'CNY',
    amountPico: parseAmount(LIFE_CREDIT),
    idempotencyKey: 'opening',
    note: '',
  });
  const upstream = await startUpstream(0);
  const [priced] = (await pricing.byId([price.id])).values();
  assert.ok(priced !== undefined);
  const { secret } = createKey('api');
  const prices = [
    {
      ...priced,
      effectiveFromMs: 0,
      components: priced.components,
    },
  ];
  const feed: Feed = {
    ...EMPTY_FEED,
    version: 1,
    models: [feedModel({ name: model.name, modelId: model.id, tenantId, prices })],
    deployments: [
      {
        id: 'dep_one',
        tenantId,
        modelName: model.name,
        modelId: model.id,
        isWanted: true,
        state: 'ready',
        reason: null,
      },
    ],
    // Fewer than callers, so that some always wait in line when the end comes.
    replicas: [feedReplica({ url: upstream.url, parallel: 3 })],
  };
  const key: KeyIdentity = {
    id: createId('key'),
    tenantId,
    projectId: createId('prj'),
    models: null,
    expiresAtMs: null,
    role: 'developer',
  };
  return { database, tenantId, secret, key, feed, stop: () => upstream.stop(0) };
}

/** Raises an assertion error that names the seed when a law is broken. */
export async function runLifeSchedule(seed: number, world: LifeWorld): Promise<LifeResult> {
  const lives = new Lives(seed, world);
  try {
    await lives.start();
    await lives.run();
    return await lives.check();
  } finally {
    await lives.end();
  }
}

class Lives {
  readonly #seed: number;
  readonly #world: LifeWorld;
  readonly #random: Random;
  readonly #root = mkdtempSync(join(tmpdir(), 'flywheel-life-'));
  /** Whole answers by request id, each with the life that gave it. */
  readonly #answered = new Map<string, Readonly<{ wish: Wish; life: number }>>();
  /** What the journals held when their gateways died. */
  readonly #kept = new Map<string, string>();
  readonly #gatewayIds = new Set<string>();
  #control: ControlLife | null = null;
  #gateway: GatewayLife | null = null;
  #life = 0;
  #controlDeaths = 0;
  #offsetMs = 0;
  readonly #clock: Clock = {
    nowMs: () => systemClock.nowMs() + this.#offsetMs,
    monotonicMs: systemClock.monotonicMs,
  };

  constructor(seed: number, world: LifeWorld) {
    this.#seed = seed;
    this.#world = world;
    this.#random = createRandom(seed);
  }

  async start(): Promise<void> {
    await this.#startControl(0);
    await this.#startGateway();
  }

  /** Calls until there were enough, while gateway and control die at calls that the seed chose. */
  async run(): Promise<void> {
    const random = this.#random;
    const gatewayDies = new Set([random.between(2, CALLS), random.between(2, CALLS)]);
    const controlDies = new Set([random.between(1, CALLS)]);
    let begun = 0;
    const caller = async (): Promise<void> => {
      while (begun < CALLS) {
        begun += 1;
        const isLast = gatewayDies.has(begun);
        const dying = isLast ? this.#gatewayDies(random.between(0, 3)) : null;
        if (controlDies.has(begun)) await this.#controlDies();
        await this.#call();
        await dying;
        if (this.#control?.isAlive() === false) await this.#controlDies();
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
  }

  async check(): Promise<LifeResult> {
    const { database, tenantId } = this.#world;
    if (this.#control?.isAlive() === false) await this.#controlDies();
    const gateway = this.#gateway;
    assert.ok(gateway !== null);
    await until(() => gateway.counts().live === 0);
    assert.deepEqual(
      gateway.counts(),
      { live: 0, slots: 0, waiting: 0, holds: 0 },
      this.#say('leaks'),
    );
    // What dies at a point of a shipment may do so while the last journal drains.
    const drained = gateway.stop(DRAIN_MS);
    await this.#keepControl(drained);
    assert.equal(await drained, true, this.#say('the journal could not be shipped'));
    this.#gateway = null;
    const recorded = await this.#recorded();
    for (const [requestId, outcome] of this.#kept) {
      assert.equal(recorded.get(requestId)?.outcome, outcome, this.#say(`${requestId} was kept`));
    }
    let unbilled = 0;
    for (const [requestId, { wish, life }] of this.#answered) {
      const event = recorded.get(requestId);
      if (event === undefined) {
        assert.ok(life < this.#life, this.#say(`${requestId} was answered, lived and is lost`));
        unbilled += 1;
      } else if (event.outcome === 'finished') {
        const { input, cacheRead, output } = usageOf(wish);
        assert.deepEqual(
          [event.input, event.cacheRead, event.output],
          [input, cacheRead, output],
          this.#say(requestId),
        );
      }
    }
    await this.#assertNoLeases(tenantId);
    const { rows } = await sql<{ twice: number }>`
      select count(*)::int - count(distinct request_id)::int as twice from usage_events
      where gateway_id = any(${[...this.#gatewayIds]}::text[])`.execute(database);
    assert.equal(rows[0]?.twice, 0, this.#say('an event is there twice'));
    return {
      answered: this.#answered.size,
      recorded: recorded.size,
      abandoned: [...recorded.values()].filter(({ outcome }) => outcome === 'abandoned').length,
      unbilled,
      gatewayDeaths: this.#life - 1,
      controlDeaths: this.#controlDeaths,
    };
  }

  async end(): Promise<void> {
    await this.#gateway?.kill(join(this.#root, 'end'));
    this.#control?.kill();
    rmSync(this.#root, { recursive: true, force: true });
  }

  async #startControl(port: number): Promise<void> {
    const random = this.#random;
    const { database, key } = this.#world;
    const point = random.pick<ControlPoint>(['before-post', 'before-commit', 'before-answer']);
    const dieAt =
      random.next() < 0.5 && this.#controlDeaths < 2
        ? { point, shipment: random.between(1, 3) }
        : null;
    this.#control = await startControlLife({ database, key, clock: this.#clock, port, dieAt });
  }

  async #controlDies(): Promise<void> {
    const dead = this.#control;
    if (dead === null) return;
    this.#control = null;
    dead.kill();
    this.#controlDeaths += 1;
    await this.#startControl(Number(new URL(dead.url).port));
  }

  /** Someone starts control again whenever it died, until `ended`. */
  async #keepControl(ended: Promise<unknown>): Promise<void> {
    let isOver = false;
    void ended.finally(() => (isOver = true));
    await until(async () => {
      if (this.#control?.isAlive() === false) await this.#controlDies();
      return isOver;
    });
  }

  async #startGateway(): Promise<void> {
    this.#life += 1;
    const folder = join(this.#root, String(this.#life));
    const controlUrl = this.#control?.url ?? '';
    this.#gateway = await startGatewayLife({ folder, controlUrl, feed: this.#world.feed });
    this.#gatewayIds.add(this.#gateway.gatewayId);
  }

  /** After so many turns of the event loop, in the middle of whatever is going on. */
  async #gatewayDies(turns: number): Promise<void> {
    for (let turn = 0; turn < turns * 10; turn += 1)
      await new Promise((resolve) => setImmediate(resolve));
    const dying = this.#gateway;
    if (dying === null) return;
    this.#gateway = null;
    const next = join(this.#root, String(this.#life + 1));
    await dying.kill(next);
    const { settled, open } = readJournalFolder(join(next, 'journal'));
    for (const { requestId, outcome } of settled) this.#kept.set(requestId, outcome);
    for (const requestId of open.keys()) this.#kept.set(requestId, 'abandoned');
    await this.#startGateway();
  }

  async #call(): Promise<void> {
    await until(() => this.#gateway !== null);
    const gateway = this.#gateway;
    const life = this.#life;
    const random = this.#random;
    const wish = { words: random.between(0, 12) };
    const leaving = new AbortController();
    const isLeaving = random.next() < 0.25;
    try {
      const response = await fetch(`${gateway?.url}/v1/chat/completions`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.#world.secret}`,
          'content-type': 'application/json',
          connection: 'close',
        },
        body: JSON.stringify({
          model: this.#world.feed.models[0]?.name,
          stream: true,
          max_tokens: 32,
          messages: [{ role: 'user', content: JSON.stringify(wish) }],
        }),
        signal: leaving.signal,
      });
      if (isLeaving) leaving.abort();
      const text = await response.text();
      const requestId = response.headers.get('x-request-id') ?? '';
      if (text.includes('data: [DONE]')) this.#answered.set(requestId, { wish, life });
    } catch {
      // Cut by a death or by ourselves: the books decide what it cost.
    }
  }

  async #recorded(): Promise<ReadonlyMap<string, Recorded>> {
    const { rows } = await sql<Recorded & { requestId: string }>`
      select request_id as "requestId", outcome, input_tokens as input,
        cache_read_tokens as "cacheRead", output_tokens as output
      from usage_events where gateway_id = any(${[...this.#gatewayIds]}::text[])`.execute(
      this.#world.database,
    );
    return new Map(rows.map((row) => [row.requestId, row]));
  }

  /** A lease of a gateway that died stays set aside for what it may still ship; then it ends by itself. */
  async #assertNoLeases(tenantId: string): Promise<void> {
    const { database } = this.#world;
    this.#offsetMs = LEASE_TTL_MS + LEASE_GRACE_MS + 60_000;
    await createLedger({ database, clock: this.#clock, log }).leases.sweep();
    const { rows } = await sql<{ open: number }>`
      select count(*)::int as open from leases
      where tenant_id = ${tenantId} and state = 'open'`.execute(database);
    assert.equal(rows[0]?.open, 0, this.#say('a lease is still open'));
  }

  #say(text: string): string {
    return `seed ${this.#seed}: ${text}`;
  }
}

type Recorded = Readonly<{ outcome: string; input: number; cacheRead: number; output: number }>;
