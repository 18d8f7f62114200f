/**
 * One seed: two gateways, a control, two customers, an author and three months, in steps that the seed
 * chooses. Any step may be the last thing its actor does; it comes back from its disk and the database
 * alone. After each step that touched the database every law is held against the rows. At the end all is
 * shipped and closed, shipped and closed once more, and nothing may have moved.
 */
import assert from 'node:assert/strict';
import { codeOf } from '#platform/error.ts';
import { createId } from '#platform/id.ts';
import { type Random, createRandom } from '../chaos/random.ts';
import { Cast } from './cast.ts';
import { COMMANDS, type Command, type Scene, TIMERS, TOP_UP } from './commands.ts';
import type { GatewayLife, OpenCall } from './gateway-life.ts';
import { type Books, type Broken, type Moment, type Witness, brokenLaws } from './laws.ts';
import { isDeath } from './mortal.ts';
import { readBooks, readMoving } from './snapshot.ts';
import { END_MS, type Stage, type Theatre, buildStage, servedOf } from './stage.ts';

export type Told = Readonly<{
  steps: number;
  checks: number;
  calls: number;
  refused: number;
  recorded: number;
  invoices: number;
  gatewayDeaths: number;
  controlDeaths: number;
}>;

/** Of a scene: some minutes, in which calls are made, streamed, ended and shipped. */
const STEPS_PER_SCENE = 10;
const SCENES = 3;
const STEP_MS_MAX = 15_000;
const HOUR_MS = 3_600_000;
/** Between scenes some hours pass, or a jump to a day on which all seeds meet: each new day costs partitions. */
const REST_HOURS = [1, 6] as const;
const DAYS = [
  '2026-03-03T03:00:00Z',
  '2026-03-10T16:00:00Z',
  '2026-03-31T15:56:00Z',
  '2026-03-31T23:57:00Z',
  '2026-04-02T09:00:00Z',
  '2026-04-30T23:58:00Z',
  '2026-05-02T12:00:00Z',
].map((day) => Date.parse(day));
const CALLS_OPEN_MAX = 4;
const TOKENS_MAX = 120;
const OUTCOMES = ['finished', 'finished', 'cancelled', 'failed'] as const;
const ABSENCES = ['soon', 'soon', 'soon', 'late', 'never'] as const;
const TRACE_LENGTH = 30;
/** Of one timer at the end: each closes, renews or ends what is due at most once a month. */
const ROUNDS_MAX = 6;

/** Raises an error that says which law broke, after which steps. */
export async function simulate(theatre: Theatre, seed: number): Promise<Told> {
  const simulation = new Simulation(theatre, seed);
  return simulation.run();
}

class Simulation {
  readonly #theatre: Theatre;
  readonly #seed: number;
  readonly #random: Random;
  readonly #cast: Cast;
  readonly #trace: string[] = [];
  readonly #payments: { id: string; tenantId: string; amountPico: bigint }[] = [];
  #stage!: Stage;
  #books!: Books;
  #checkedAt = -1;
  #steps = 0;
  #checks = 0;

  constructor(theatre: Theatre, seed: number) {
    this.#theatre = theatre;
    this.#seed = seed;
    this.#random = createRandom(seed);
    this.#cast = new Cast(theatre, this.#random);
  }

  async run(): Promise<Told> {
    try {
      const given = { seed: this.#seed, random: this.#random };
      this.#stage = await this.#cast.sure((parts) => buildStage(this.#theatre, parts, given));
      await this.#cast.startGateways();
      await this.#check('step');
      for (const _ of this.#stage.customers) await this.#command(TOP_UP);
      await this.#check('step');
      for (let scene = 0; scene < SCENES; scene += 1) {
        for (let step = 0; step < STEPS_PER_SCENE; step += 1) await this.#step();
        await this.#rest();
      }
      return await this.#finish();
    } catch (cause) {
      const steps = this.#trace.slice(-TRACE_LENGTH).join('\n  ');
      throw new Error(`seed ${this.#seed} failed after\n  ${steps}`, { cause });
    } finally {
      await this.#cast.end();
    }
  }

  async #step(): Promise<void> {
    const { clock } = this.#cast;
    this.#steps += 1;
    clock.advance(this.#random.between(0, STEP_MS_MAX));
    const moment = await this.#act();
    for (const gateway of this.#cast.gateways()) await gateway.idle();
    await this.#check(moment);
  }

  /** Answers what it may have changed: all, or only leases and what they set aside. */
  async #act(): Promise<'step' | 'moving'> {
    const random = this.#random;
    const living = this.#cast.gateways();
    const gateway = living[random.between(0, Math.max(0, living.length - 1))];
    const chance = random.next();
    if (gateway === undefined || chance < 0.3) {
      await this.#command(random.pick(COMMANDS));
      return 'step';
    }
    const calls = gateway.calls();
    const call = calls[random.between(0, Math.max(0, calls.length - 1))];
    if (chance < 0.36) await this.#killGateway(gateway);
    else if (chance < 0.46) {
      await this.#ship(gateway);
      return 'step';
    } else if (call === undefined || (chance < 0.72 && calls.length < CALLS_OPEN_MAX)) {
      await this.#admit(gateway);
    } else if (chance < 0.85) await this.#deliver(gateway, call);
    else await this.#end(gateway, call);
    return 'moving';
  }

  async #admit(gateway: GatewayLife): Promise<void> {
    const random = this.#random;
    const { key } = random.pick(this.#stage.customers);
    const model = random.pick(this.#stage.models);
    const maxTokens = random.between(1, TOKENS_MAX);
    const served = servedOf(model, this.#stage.authorId);
    const isStream = random.next() < 0.7;
    const taken = await gateway.admit({ key, served, maxTokens, isStream });
    if (typeof taken === 'string') this.#cast.told.refused += 1;
    else this.#cast.admitted(gateway, taken);
    this.#note(`admit up to ${maxTokens}: ${typeof taken === 'string' ? taken : 'in'}`);
  }

  async #deliver(gateway: GatewayLife, call: OpenCall): Promise<void> {
    const isOut = await gateway.deliver(call, this.#random.between(1, TOKENS_MAX));
    this.#note(`deliver to ${call.delivered}${isOut ? ', the money ran out' : ''}`);
    if (isOut) gateway.end(call, 'failed');
  }

  async #end(gateway: GatewayLife, call: OpenCall): Promise<void> {
    const outcome = this.#random.pick(OUTCOMES);
    if (outcome === 'finished') await gateway.deliver(call, this.#random.between(0, TOKENS_MAX));
    gateway.end(call, outcome);
    const isPromised = this.#random.next() < 0.6;
    if (isPromised) await this.#promise(gateway);
    this.#note(`end ${outcome}${isPromised ? ', promised' : ''}`);
  }

  async #promise(gateway: GatewayLife): Promise<void> {
    await gateway.promise();
    for (const [id, call] of gateway.ended()) this.#cast.promised.set(id, call);
  }

  async #ship(gateway: GatewayLife): Promise<void> {
    try {
      const isSome = await this.#cast.ship(gateway);
      this.#note(isSome ? 'ship' : 'nothing to ship');
    } catch (error) {
      if (!isDeath(error)) throw error;
      this.#note('control died while shipping');
    }
  }

  async #killGateway(gateway: GatewayLife): Promise<void> {
    const absence = this.#random.pick(ABSENCES);
    await this.#cast.kill(gateway, absence);
    this.#note(`kill a gateway, back ${absence}`);
    if (absence === 'soon' && this.#random.next() < 0.6) await this.#cast.comeBack('soon');
  }

  async #command(command: Command): Promise<void> {
    const { name, refusals, plan } = command;
    const run = plan(this.#scene());
    if (run === null) return;
    const before = this.#cast.told.controlDeaths;
    const code = await this.#cast.insist(run).then(
      () => null,
      (error: unknown) => {
        const refusal = codeOf(error);
        if (refusal === null || !refusals.some((each) => refusal.startsWith(each))) {
          throw error;
        }
        return refusal;
      },
    );
    const deaths = this.#cast.told.controlDeaths - before;
    this.#note(`${name}: ${code ?? 'done'}${deaths > 0 ? ` after ${deaths} deaths` : ''}`);
  }

  #scene(): Scene {
    return {
      stage: this.#stage,
      random: this.#random,
      nowMs: this.#cast.clock.nowMs(),
      key: createId('pay'),
      customer: this.#random.pick(this.#stage.customers),
      books: this.#books,
      payments: this.#payments,
      received: (tenantId, amountPico, id) => {
        this.#cast.received(tenantId, amountPico);
        if (amountPico > 0n) this.#payments.push({ id, tenantId, amountPico });
      },
    };
  }

  /** Calls end and are shipped, as they do within minutes; then nothing happens for a while. */
  async #rest(): Promise<void> {
    await this.#cast.comeBack('soon');
    await this.#quiesce();
    const { clock } = this.#cast;
    const later = DAYS.filter((dayMs) => dayMs > clock.nowMs() + HOUR_MS).slice(0, 4);
    const dayMs = later[this.#random.between(0, later.length)];
    const restMs = this.#random.pick(REST_HOURS) * HOUR_MS;
    clock.advance(dayMs === undefined ? restMs : dayMs - clock.nowMs());
    this.#note('a rest');
    await this.#cast.comeBack('late');
    for (const timer of TIMERS) {
      if (this.#random.next() < 0.7) await this.#command(timer);
      await this.#check('step');
    }
  }

  async #quiesce(): Promise<void> {
    for (const gateway of this.#cast.gateways()) {
      for (const call of gateway.calls()) gateway.end(call, 'finished');
      await this.#promise(gateway);
      await this.#cast.shipAll(gateway);
      await this.#check('step');
    }
  }

  async #finish(): Promise<Told> {
    await this.#quiesce();
    for (const gateway of this.#cast.gateways()) await gateway.stop();
    this.#cast.clock.advance(END_MS - this.#cast.clock.nowMs());
    for (const { plan } of TIMERS) await this.#exhaust(plan(this.#scene()));
    this.#note('the end');
    await this.#check('end');
    const before = this.#books;
    await this.#again(before);
    this.#checkedAt = -1;
    await this.#check('end');
    assert.deepEqual(this.#books, before, 'shipping and closing again changed something');
    await this.#leave();
    const { events, periods } = this.#books;
    return {
      ...this.#cast.told,
      steps: this.#steps,
      checks: this.#checks,
      recorded: events.length,
      invoices: periods.filter(({ invoice }) => invoice !== null).length,
    };
  }

  /** Seeds to come find nobody who owes something and would be looked at again and again. */
  async #leave(): Promise<void> {
    for (const { invoice } of this.#books.periods) {
      if (invoice === null) continue;
      await this.#cast
        .sure(({ invoices }) => invoices.markUncollectible(invoice.number))
        .catch((error: unknown) => assert.equal(codeOf(error), 'invoice.state_wrong'));
    }
  }

  /** Without deaths, until nothing is due; a plan that is not paid is tried again for a week, though. */
  async #exhaust(run: ReturnType<Command['plan']>): Promise<void> {
    if (run === null) return;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      if (Number(await this.#cast.sure(run)) === 0) return;
    }
  }

  /** Everything that was ever sent is sent again, by its gateway and by a copy of it; periods are closed again. */
  async #again({ periods }: Books): Promise<void> {
    for (const [gatewayId, sent] of Map.groupBy(this.#cast.shipments, (each) => each.gatewayId)) {
      const whole = { segment: 1, fromOffset: 0, toOffset: 1 };
      const settled = sent.flatMap((shipment) => shipment.settled);
      for (const sender of [gatewayId, `${gatewayId}_copy`]) {
        const shipment = { ...whole, gatewayId: sender, settled };
        const { recorded } = await this.#cast.sure(({ metering }) => metering.ingest(shipment));
        assert.equal(recorded, 0, 'a shipment that came again was recorded again');
      }
    }
    for (const { tenantId, label, invoice } of periods) {
      if (invoice === null) continue;
      const closed = await this.#cast.sure(({ invoices }) => invoices.close({ tenantId, label }));
      assert.equal(closed.invoice?.number, invoice.number, `${label} closed again`);
    }
    for (const { tenantId } of this.#stage.customers) {
      const { findings } = await this.#cast.sure(({ invoices }) => invoices.verify({ tenantId }));
      assert.deepEqual(findings, []);
    }
  }

  async #check(moment: Moment | 'moving'): Promise<void> {
    const { statements, begun, shipped, receivedPico, lateGateways, promised } = this.#cast;
    if (moment !== 'end' && statements === this.#checkedAt) return;
    this.#checkedAt = statements;
    this.#checks += 1;
    const { tenantIds } = this.#stage;
    const nowMs = this.#cast.clock.nowMs();
    const asked = { tenantIds, nowMs };
    const { database } = this.#theatre;
    this.#books =
      moment === 'moving'
        ? await readMoving(database, asked, this.#books)
        : await readBooks(database, asked);
    const witness: Witness = { begun, shipped, receivedPico, lateGateways };
    const broken: Broken[] = [
      ...brokenLaws(this.#books, witness, moment === 'end' ? 'end' : 'step'),
    ];
    for (const id of moment === 'end' ? promised.keys() : []) {
      if (shipped.has(id)) continue;
      broken.push({ law: 'a promise is kept', subject: `call ${id}`, detail: 'never shipped' });
    }
    assert.deepEqual(broken, [], 'laws are broken');
  }

  #note(what: string): void {
    this.#trace.push(`${new Date(this.#cast.clock.nowMs()).toISOString()} ${what}`);
  }
}
