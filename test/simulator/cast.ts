/**
 * The actors of one seed and how they die: a control that may end at any statement of what it is asked, and
 * two places for gateways, each with a journal on disk. Also the witness: what gateways let in and promised,
 * what control took, what was paid.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, createManualClock } from '#platform/clock.ts';
import { type Log, silentLog } from '#platform/log.ts';
import type { ControlParts } from '#main/control-parts.ts';
import type { RawShipment } from '#metering/ingest.ts';
import { parseSettled } from '#metering/record.ts';
import { readJournalFolder } from '../chaos/on-disk.ts';
import type { Random } from '../chaos/random.ts';
import { type ControlLife, startControlLife } from './control-life.ts';
import { type GatewayLife, type OpenCall, startGateway } from './gateway-life.ts';
import type { Call } from './laws.ts';
import { type Death, isDeath } from './mortal.ts';
import { BEGIN_MS, type Theatre } from './stage.ts';

/** Of what control is asked, this much ends in a death. */
const DEATH_SHARE = 0.22;
const STATEMENTS_MAX = 26;
const COMMITS_MAX = 2;
/** What died is asked again this often before it is let live. */
const ATTEMPTS_MORTAL = 2;
/** Clocks of machines differ; one that starts again may have gone back. */
const SKEW_MS_MAX = 20_000;

export type Absence = 'soon' | 'late' | 'never';

type Place = { life: number; gateway: GatewayLife | null; absence: Absence | null };

export class Cast {
  readonly clock = createManualClock(BEGIN_MS);
  readonly begun = new Set<string>();
  /** What gateways promised to keep, and have not lost with their disks. */
  readonly promised = new Map<string, Call>();
  readonly shipped = new Map<string, Call>();
  /** Those that control acknowledged. */
  readonly shipments: RawShipment[] = [];
  readonly receivedPico = new Map<string, bigint>();
  readonly lateGateways = new Set<string>();
  readonly told = { calls: 0, refused: 0, gatewayDeaths: 0, controlDeaths: 0 };
  readonly #theatre: Theatre;
  readonly #random: Random;
  readonly #home = mkdtempSync(join(tmpdir(), 'flywheel-simulator-'));
  readonly #places: [Place, Place] = [newPlace(), newPlace()];
  #control: ControlLife | null = null;
  #statements = 0;
  #folders = 0;
  /** What control called an error, where it did not die of it. */
  #complaint: Error | null = null;

  constructor(theatre: Theatre, random: Random) {
    this.#theatre = theatre;
    this.#random = random;
  }

  /** Of all lives. */
  get statements(): number {
    return this.#statements + (this.#control?.statements() ?? 0);
  }

  gateways(): readonly GatewayLife[] {
    return this.#places.flatMap(({ gateway }) => gateway ?? []);
  }

  /** Asks control once; raises a death where it died of it. */
  async ask<T>(
    run: (parts: ControlParts) => Promise<T>,
    death: Death | null = this.#drawDeath(),
  ): Promise<T> {
    const control = (this.#control ??= this.#startControl());
    control.arm(death);
    try {
      const answer = await run(control.parts);
      if (this.#complaint !== null && !control.isDead()) throw this.#complaint;
      return answer;
    } finally {
      control.arm(null);
      if (control.isDead()) this.#bury(control);
    }
  }

  /** As a client does: the same again until there is an answer. */
  async insist<T>(run: (parts: ControlParts) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.ask(run, attempt > ATTEMPTS_MORTAL ? null : this.#drawDeath());
      } catch (error) {
        if (!isDeath(error)) throw error;
      }
    }
  }

  /** Without deaths. */
  sure<T>(run: (parts: ControlParts) => Promise<T>): Promise<T> {
    return this.ask(run, null);
  }

  async startGateways(): Promise<void> {
    for (const place of this.#places) await this.#enter(place, this.#newFolder());
  }

  async kill(gateway: GatewayLife, absence: Absence): Promise<void> {
    const place = this.#places.find((each) => each.gateway === gateway);
    assert.ok(place !== undefined);
    this.told.gatewayDeaths += 1;
    const next = this.#newFolder();
    place.gateway = null;
    await gateway.kill(next, this.#random);
    this.#inspect(gateway, next);
    if (absence === 'never') {
      for (const id of this.#idsOf(gateway)) this.promised.delete(id);
      await this.#enter(place, this.#newFolder());
      return;
    }
    place.absence = absence;
    place.life = this.#folders;
    if (absence === 'late') this.lateGateways.add(gateway.gatewayId);
  }

  /** Those that are away for so long come back on their disks. */
  async comeBack(absence: Absence): Promise<void> {
    for (const place of this.#places) {
      if (place.absence === absence) await this.#enter(place, this.#folderOf(place.life));
    }
  }

  admitted(gateway: GatewayLife, call: OpenCall): void {
    this.told.calls += 1;
    const { requestId } = call.admission.identity;
    this.begun.add(requestId);
    this.#owner.set(requestId, gateway.gatewayId);
  }

  /** A piece, or all of it where nobody dies any more. */
  async ship(gateway: GatewayLife): Promise<boolean> {
    const shipment = await gateway.ship();
    if (shipment !== null) this.shipments.push(shipment);
    for (const [requestId, call] of callsOf(shipment)) this.shipped.set(requestId, call);
    return shipment !== null;
  }

  async shipAll(gateway: GatewayLife): Promise<void> {
    let isMore = true;
    while (isMore) {
      try {
        isMore = await this.ship(gateway);
      } catch (error) {
        if (!isDeath(error)) throw error;
      }
    }
    await gateway.releasePredecessor();
    await gateway.idle();
  }

  received(tenantId: string, amountPico: bigint): void {
    this.receivedPico.set(tenantId, (this.receivedPico.get(tenantId) ?? 0n) + amountPico);
  }

  async end(): Promise<void> {
    for (const place of this.#places) {
      await place.gateway?.kill(this.#newFolder(), this.#random);
      place.gateway = null;
    }
    this.#control?.kill();
    rmSync(this.#home, { recursive: true, force: true });
  }

  readonly #owner = new Map<string, string>();

  *#idsOf({ gatewayId }: GatewayLife): Generator<string> {
    for (const [requestId, owner] of this.#owner) if (owner === gatewayId) yield requestId;
  }

  /** What was promised lies on its disk whatever happened, and no more is expected than what does. */
  #inspect(gateway: GatewayLife, folder: string): void {
    const kept = new Map(
      readJournalFolder(folder).settled.map((record) => [record.requestId, record]),
    );
    for (const requestId of this.#idsOf(gateway)) {
      if (!this.promised.has(requestId) || this.shipped.has(requestId)) continue;
      assert.ok(
        kept.has(requestId),
        `the journal lost ${requestId}, which it had promised to keep`,
      );
    }
  }

  async #enter(place: Place, folder: string): Promise<void> {
    const skewMs = this.#random.between(-SKEW_MS_MAX, SKEW_MS_MAX);
    const clock: Clock = { ...this.clock, nowMs: () => this.clock.nowMs() + skewMs };
    place.absence = null;
    place.gateway = await startGateway({
      folder,
      clock,
      control: (run) => this.ask(run),
    });
  }

  #newFolder(): string {
    this.#folders += 1;
    const folder = this.#folderOf(this.#folders);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  #folderOf(number: number): string {
    return join(this.#home, `journal-${number}`);
  }

  #startControl(): ControlLife {
    const log: Log = {
      ...silentLog,
      with: () => log,
      error: (event, fields = {}) => {
        if (isDeath(fields['error'])) return;
        this.#complaint = new Error(event, { cause: fields['error'] });
      },
    };
    return startControlLife(this.#theatre, { home: this.#home, clock: this.clock, log });
  }

  #bury(control: ControlLife): void {
    this.#statements += control.statements();
    this.#control = null;
    this.#complaint = null;
    this.told.controlDeaths += 1;
  }

  #drawDeath(): Death | null {
    const random = this.#random;
    if (random.next() >= DEATH_SHARE) return null;
    const at = random.next() < 0.35 ? 'commit' : 'statement';
    const number = random.between(1, at === 'commit' ? COMMITS_MAX : STATEMENTS_MAX);
    return { at, number, when: random.pick(['before', 'after']) };
  }
}

function newPlace(): Place {
  return { life: 0, gateway: null, absence: null };
}

/** What a shipment says of each call. */
export function callsOf(shipment: RawShipment | null): readonly (readonly [string, Call])[] {
  return (shipment?.settled ?? []).map((value) => {
    const { record } = parseSettled(value);
    assert.ok(record !== null, 'a gateway ships what can be read');
    const { input, cacheRead, output } = record.usage;
    return [record.requestId, { outcome: record.outcome, input, cacheRead, output }];
  });
}
