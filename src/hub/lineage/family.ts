/** Edges between models, as a tree. Pure; whatever circles the cards make, it ends. */
import type { Base, Weights } from '../api.ts';
import type { FamilyMember } from './api.ts';
import { warningsOf } from './claims.ts';

/** A derivative and what it was made from. */
export type Edge = Readonly<{
  childId: string;
  /** Null where the base is not here, or not to be seen. */
  baseId: string | null;
  baseName: string;
  relation: Base['relation'];
  shared: Readonly<{ sharedBytes: number; totalBytes: number }> | null;
}>;

export type Facts = Readonly<{
  name: string;
  downloads: number;
  likes: number;
  weights: Weights | null;
}>;

type Direction = 'bases' | 'derivatives';

const DEPTH_MAX = 8;
/** Below one member; the rest is counted. */
const MEMBERS_MAX = 40;

export function familyTree(
  rootId: string,
  edges: readonly Edge[],
  facts: ReadonlyMap<string, Facts>,
  direction: Direction,
): FamilyMember[] {
  const from = Map.groupBy(edges, (edge) =>
    direction === 'bases' ? edge.childId : (edge.baseId ?? ''),
  );
  const membersOf = (id: string, above: readonly string[]): readonly [FamilyMember[], number] => {
    const found = (from.get(id) ?? []).map((edge) => ({ edge, id: otherEnd(edge, direction) }));
    const sorted = found.toSorted(
      (a, b) =>
        downloadsOf(facts, b.id) - downloadsOf(facts, a.id) ||
        a.edge.baseName.localeCompare(b.edge.baseName),
    );
    const members = sorted
      .slice(0, MEMBERS_MAX)
      .map((one) => memberOf(one.edge, one.id, [...above, id]));
    return [members, Math.max(0, found.length - MEMBERS_MAX)];
  };
  const memberOf = (edge: Edge, id: string | null, above: readonly string[]): FamilyMember => {
    const isRepeat = id !== null && above.includes(id);
    const isEnd = id === null || isRepeat || above.length >= DEPTH_MAX;
    const [members, moreCount] = isEnd ? [[], 0] : membersOf(id, above);
    const own = id === null ? undefined : facts.get(id);
    return {
      name: own?.name ?? edge.baseName,
      modelId: own === undefined ? null : id,
      relation: edge.relation,
      downloads: own?.downloads ?? 0,
      likes: own?.likes ?? 0,
      shared: edge.shared,
      warnings: [...warningsFor(edge, facts)],
      moreCount,
      isRepeat,
      members,
    };
  };
  return membersOf(rootId, [])[0];
}

function otherEnd(edge: Edge, direction: Direction): string | null {
  return direction === 'bases' ? edge.baseId : edge.childId;
}

function downloadsOf(facts: ReadonlyMap<string, Facts>, id: string | null): number {
  return id === null ? -1 : (facts.get(id)?.downloads ?? 0);
}

function warningsFor(edge: Edge, facts: ReadonlyMap<string, Facts>) {
  return warningsOf({
    relation: edge.relation,
    weights: facts.get(edge.childId)?.weights ?? null,
    base: edge.baseId === null ? null : (facts.get(edge.baseId)?.weights ?? null),
    shared: edge.shared,
  });
}
