import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  DEPTH_MAX,
  type Names,
  type RouteRule,
  faultOf,
  findRoute,
  pickWeighted,
  unfoldRoute,
} from './route.ts';

const TENANT = 'ten_a';

const rule = (name: string, changes: Partial<RouteRule> = {}): RouteRule => ({
  id: `rte_${name}`,
  tenantId: TENANT,
  name,
  isPlatform: false,
  targets: [],
  canary: null,
  fallbacks: [],
  fallbackOn: ['error'],
  sticky: 'key',
  ...changes,
});

const to = (model: string, weight = 1) => ({ model, deploymentId: null, weight });
const on = (model: string) => ({ model, deploymentId: null });

function namesOf(
  rules: readonly RouteRule[],
  models: readonly string[],
  own: readonly string[] = [],
) {
  return {
    tenantId: TENANT,
    routesNamed: (name: string) => rules.filter((one) => one.name === name),
    isOwnModel: (name: string) => own.includes(name),
    isModel: (name: string) => models.includes(name),
  } satisfies Names & { isModel: unknown };
}

const models = (targets: readonly { model: string }[]): string[] =>
  targets.map(({ model }) => model);

describe('a name', () => {
  const own = rule('fast');
  const platform = rule('fast', { id: 'rte_platform', tenantId: 'ten_op', isPlatform: true });
  const foreign = rule('fast', { id: 'rte_foreign', tenantId: 'ten_b' });

  it('means the tenant’s own route, then its own model, then the operator’s route', () => {
    assert.equal(findRoute(namesOf([foreign, platform, own], []), 'fast'), own);
    assert.equal(findRoute(namesOf([foreign, platform], []), 'fast'), platform);
    assert.equal(findRoute(namesOf([foreign, platform], [], ['fast']), 'fast'), null);
    assert.equal(findRoute(namesOf([platform], []), 'other'), null);
  });

  it('never means another tenant’s route', () => {
    assert.equal(findRoute(namesOf([foreign], []), 'fast'), null);
  });
});

describe('unfolding a route', () => {
  it('takes the canary first for its share, and has what would be without it behind', () => {
    const route = rule('chat', {
      targets: [to('old')],
      canary: { ...on('new'), percent: 10 },
      fallbacks: [on('spare')],
    });
    const names = namesOf([route], []);
    assert.deepEqual(models(unfoldRoute(names, route, () => 0.05)), ['new', 'old', 'spare']);
    assert.deepEqual(models(unfoldRoute(names, route, () => 0.5)), ['old', 'spare']);
  });

  it('gives each target its share by weight', () => {
    const targets = fc.array(fc.nat(10), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(targets, (weights) => {
        const all = weights.map((weight, index) => to(`m${index}`, weight));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const counts = new Map<string, number>();
        for (let slice = 0; slice < total; slice += 1) {
          const { model = '' } = pickWeighted(all, (slice + 0.5) / total) ?? {};
          counts.set(model, (counts.get(model) ?? 0) + 1);
        }
        for (const { model, weight } of all) assert.equal(counts.get(model) ?? 0, weight);
      }),
    );
    assert.equal(pickWeighted([to('off', 0)], 0.5), null);
  });

  it('follows routes behind routes, and names nothing twice', () => {
    const inner = rule('inner', { targets: [to('a')], fallbacks: [on('b')] });
    const outer = rule('outer', { targets: [to('inner')], fallbacks: [on('b'), on('c')] });
    assert.deepEqual(models(unfoldRoute(namesOf([inner, outer], []), outer, () => 0)), [
      'a',
      'b',
      'c',
    ]);
  });

  it('may stand before a model under the model’s own name', () => {
    const route = rule('qwen', { targets: [to('qwen', 95), to('llama', 5)] });
    const names = namesOf([route], ['qwen', 'llama'], ['qwen']);
    assert.deepEqual(models(unfoldRoute(names, route, () => 0)), ['qwen']);
    assert.equal(faultOf(names, route), null);
  });

  it('ends, whatever the routes say', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const any = fc.record({
      name,
      targets: fc.array(name, { maxLength: 3 }),
      fallbacks: fc.array(name, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(
        fc.array(any, { minLength: 1, maxLength: 6 }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (all, drawn) => {
          const rules = all.map((one, index) =>
            rule(one.name, {
              id: `rte_${index}`,
              targets: one.targets.map((model) => to(model)),
              fallbacks: one.fallbacks.map(on),
            }),
          );
          const [first] = rules;
          assert(first !== undefined);
          const found = unfoldRoute(namesOf(rules, []), first, () => drawn);
          assert.equal(new Set(models(found)).size, found.length);
          faultOf(namesOf(rules, ['a']), first);
        },
      ),
    );
  });
});

describe('what is wrong with a route', () => {
  it('is a circle that meets no model', () => {
    const a = rule('a', { targets: [to('b')] });
    const b = rule('b', { targets: [to('a')] });
    assert.deepEqual(faultOf(namesOf([a, b], []), a), { kind: 'circle', name: 'a' });
    assert.equal(faultOf(namesOf([a, b], ['a']), a), null);
  });

  it('is a name that means nothing', () => {
    const route = rule('a', { targets: [to('m')], fallbacks: [on('nothing')] });
    assert.deepEqual(faultOf(namesOf([route], ['m']), route), { kind: 'unknown', name: 'nothing' });
  });

  it('is a chain that is too long', () => {
    const chain = Array.from({ length: DEPTH_MAX + 1 }, (_, index) =>
      rule(`r${index}`, { targets: [to(index === DEPTH_MAX ? 'm' : `r${index + 1}`)] }),
    );
    const [first, second] = chain;
    assert(first !== undefined && second !== undefined);
    assert.deepEqual(faultOf(namesOf(chain, ['m']), first), {
      kind: 'too_deep',
      name: `r${DEPTH_MAX}`,
    });
    assert.equal(faultOf(namesOf(chain, ['m']), second), null);
  });

  it('tells nothing of what another’s route leads to besides', () => {
    const theirs = rule('fast', {
      tenantId: 'ten_op',
      isPlatform: true,
      targets: [to('op/secret'), to('m')],
    });
    const mine = rule('mine', { targets: [to('fast')] });
    assert.equal(faultOf(namesOf([theirs, mine], ['m']), mine), null);
  });
});
