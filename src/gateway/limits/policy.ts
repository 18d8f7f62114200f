/**
 * What one key may do, made ready for the hot path: its levels from the operator's ceiling down to the
 * key itself, each with what it allows and the meters it draws from. Every level must agree.
 */
import { BlockList } from 'node:net';
import type { Level } from '#limits/api.ts';
import { METRICS } from '#limits/metric.ts';
import { parseNetwork } from '#limits/network.ts';
import { failRequest } from '../errors.ts';
import { type CallerAddress, familyOf } from './caller-address.ts';
import type { Meter, MeterAddress } from './meter.ts';

export type PolicyAnswer = Readonly<{
  version: number;
  levels: readonly Readonly<{
    level: Level;
    scopeId: string;
    /** Limits by metric, as whole numbers in text. */
    metrics: Readonly<Record<string, string>>;
    models: readonly string[] | null;
    regions: readonly string[] | null;
    networks: readonly string[] | null;
  }>[];
}>;

type PolicyLevel = Readonly<{
  level: Level;
  models: ReadonlySet<string> | null;
  regions: ReadonlySet<string> | null;
  networks: BlockList | null;
}>;

export type Policy = Readonly<{
  version: number;
  levels: readonly PolicyLevel[];
  meters: readonly Meter[];
  /** Regions that every level allows; null where none says anything. */
  regions: ReadonlySet<string> | null;
}>;

export function compilePolicy(
  tenantId: string,
  answer: PolicyAnswer,
  meterOf: (address: MeterAddress, limit: bigint) => Meter,
): Policy {
  const meters: Meter[] = [];
  const levels = answer.levels.map(({ level, scopeId, metrics, models, regions, networks }) => {
    for (const metric of METRICS) {
      const limit = metrics[metric];
      if (limit === undefined) continue;
      meters.push(meterOf({ tenantId, level, scopeId, metric }, BigInt(limit)));
    }
    return {
      level,
      models: models === null ? null : new Set(models),
      regions: regions === null ? null : new Set(regions),
      networks: networks === null ? null : blockListOf(networks),
    };
  });
  return { version: answer.version, levels, meters, regions: sharedRegions(levels) };
}

function sharedRegions(levels: readonly PolicyLevel[]): ReadonlySet<string> | null {
  const said = levels.flatMap(({ regions }) => (regions === null ? [] : [regions]));
  const [first, ...others] = said;
  if (first === undefined) return null;
  return new Set([...first].filter((name) => others.every((regions) => regions.has(name))));
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of networks) {
    const network = parseNetwork(text);
    // Control refuses what is no network, so that this skips nothing that was meant.
    if (network !== null) list.addSubnet(network.address, network.prefix, network.family);
  }
  return list;
}

/** Of whom a level speaks, for a message. */
const OWNER: Readonly<Record<Level, string>> = {
  platform: 'this account on this platform',
  tenant: 'this account',
  project: 'this project',
  key: 'this API key',
};

export const ownerOf = (level: Level): string => OWNER[level];

/** Raises `address_not_allowed`. */
export function requireAddress(policy: Policy, caller: CallerAddress): void {
  for (const { level, networks } of policy.levels) {
    if (networks === null) continue;
    const address = caller();
    const family = familyOf(address);
    if (family !== null && networks.check(address, family)) continue;
    throw failRequest(
      'address_not_allowed',
      `Calls with ${ownerOf(level)} may not come from ${address === '' ? 'there' : address}.`,
    );
  }
}

/** Names that every level allows, of those that the key may call; null for all. */
export function allowedModels(
  policy: Policy,
  models: readonly string[] | null,
): readonly string[] | null {
  let allowed = models;
  for (const level of policy.levels) {
    const names = level.models;
    if (names === null) continue;
    allowed = allowed === null ? [...names] : allowed.filter((name) => names.has(name));
  }
  return allowed;
}

/** Raises `model_not_allowed` and `region_not_allowed`. */
export function requireModel(
  policy: Policy,
  name: string,
  replicas: readonly Readonly<{ region: string }>[],
): void {
  for (const { level, models } of policy.levels) {
    if (models === null || models.has(name)) continue;
    throw failRequest('model_not_allowed', `${name} may not be called with ${ownerOf(level)}.`, {
      param: 'model',
    });
  }
  const { regions } = policy;
  if (regions === null || replicas.length === 0) return;
  if (replicas.some(({ region }) => regions.has(region))) return;
  throw failRequest(
    'region_not_allowed',
    `${name} is not served in a region that is allowed here (${[...regions].join(', ') || 'none'}).`,
    { param: 'model' },
  );
}
