/** Kept responses in a map, for tests of what stands before control. */
import type { KeptResponse, Owner, ResponseMemory } from './kept-response.ts';

export function createMapMemory(): ResponseMemory {
  const kept = new Map<string, KeptResponse>();
  const keyOf = (owner: Owner, id: string): string => `${owner.tenantId}/${owner.projectId}/${id}`;
  const find = (owner: Owner, id: string): KeptResponse | null =>
    kept.get(keyOf(owner, id)) ?? null;
  return {
    keep: (owner, response) => {
      kept.set(keyOf(owner, response.id), structuredClone(response));
      return Promise.resolve(true);
    },
    conversation: (owner, id) => {
      const turns: KeptResponse[] = [];
      for (let next: string | null = id; next !== null;) {
        const found = find(owner, next);
        if (found === null) return Promise.resolve(null);
        turns.unshift(found);
        next = found.previousId;
      }
      return Promise.resolve(turns);
    },
    find: (owner, id) => Promise.resolve(find(owner, id)),
    forget: (owner, id) => Promise.resolve(kept.delete(keyOf(owner, id))),
  };
}
