import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { estimateReplicaBytes, placeReplica } from './placement.ts';

const GIB = 1024 ** 3;

const node = (
  id: string,
  gibibytes: number,
  placed: { deploymentId: string; bytes: number }[] = [],
) => ({
  id,
  memoryBytes: gibibytes * GIB,
  placed,
});

describe('placeReplica', () => {
  it('takes the node with most free memory', () => {
    const nodes = [node('a', 8), node('b', 16), node('c', 12)];

    assert.deepEqual(placeReplica(nodes, { deploymentId: 'd', bytes: GIB }), {
      kind: 'placed',
      nodeId: 'b',
    });
  });

  it('spreads one deployment before it fills a node', () => {
    const nodes = [node('a', 64, [{ deploymentId: 'd', bytes: GIB }]), node('b', 8)];

    assert.deepEqual(placeReplica(nodes, { deploymentId: 'd', bytes: GIB }), {
      kind: 'placed',
      nodeId: 'b',
    });
  });

  it('says how much is missing', () => {
    const placement = placeReplica([node('a', 8)], { deploymentId: 'd', bytes: 40 * GIB });

    assert.deepEqual(placement, {
      kind: 'refused',
      reason: 'no node has room: needs about 40.0 GiB, the most that is free is 7.2 GiB',
    });
  });

  it('says that no node is there', () => {
    assert.deepEqual(placeReplica([], { deploymentId: 'd', bytes: 1 }), {
      kind: 'refused',
      reason: 'no node is online',
    });
  });

  it('never fills a node beyond its memory, whatever comes', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 20 * GIB }), { maxLength: 30 });
    const machines = fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(sizes, machines, (replicas, gibibytes) => {
        const nodes = gibibytes.map((size, index) => node(`n${index}`, size));
        for (const [index, bytes] of replicas.entries()) {
          const replica = { deploymentId: `d${index % 3}`, bytes };
          const placement = placeReplica(nodes, replica);
          if (placement.kind === 'refused') continue;
          nodes.find(({ id }) => id === placement.nodeId)?.placed.push(replica);
        }
        for (const { memoryBytes, placed } of nodes) {
          const used = placed.reduce((sum, { bytes }) => sum + bytes, 0);
          assert.ok(used <= memoryBytes);
        }
      }),
    );
  });
});

describe('estimateReplicaBytes', () => {
  const file = (sizeBytes: number) => ({ sha256: '', sizeBytes, path: '' });

  it('is more than the files, and grows with context and parallel places', () => {
    const estimate = (contextLength: number, parallel: number) =>
      estimateReplicaBytes({
        weights: { weights: [file(4 * GIB), file(4 * GIB)], adapter: file(GIB) },
        parameters: 8e9,
        contextLength,
        parallel,
      });

    assert.ok(estimate(4096, 1) > 9 * GIB);
    assert.ok(estimate(4096, 1) < 12 * GIB);
    assert.ok(estimate(8192, 1) > estimate(4096, 1));
    assert.ok(estimate(4096, 8) > estimate(4096, 1));
  });

  it('is nothing for a server that has its own weights', () => {
    const weights = { weights: [], adapter: null };

    const bytes = estimateReplicaBytes({
      weights,
      parameters: null,
      contextLength: null,
      parallel: 8,
    });

    assert.equal(bytes, 0);
  });
});
