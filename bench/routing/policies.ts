/** Who decides where a prompt goes: the gateway's own choice, and the three it is compared with. */
import { chooseReplica } from '#gateway/route.ts';
import { BLOCKS_PER_REPLICA, PrefixIndex } from '#gateway/routing/prefix-index.ts';
import { BLOCKS_MAX, BLOCK_BYTES } from '#gateway/routing/prompt-blocks.ts';
import { BLOCK_TOKENS } from './trace.ts';

/** Given what runs on each replica, the index of the one for this prompt. */
export type Policy = (outstanding: readonly number[], blocks: readonly number[]) => number;

/** As many requests as an engine batches; more than ever run here, so that nobody waits at the gateway. */
const PARALLEL = 256;
/** English text; so many bytes of a prompt are one token. */
const BYTES_PER_TOKEN = 4;
/** What the gateway remembers of a replica and looks at of a prompt, in the larger blocks of the trace. */
const inTraceBlocks = (blocks: number): number =>
  Math.floor((blocks * BLOCK_BYTES) / BYTES_PER_TOKEN / BLOCK_TOKENS);
const INDEX_BLOCKS = inTraceBlocks(BLOCKS_PER_REPLICA);
const SEEN_BLOCKS = inTraceBlocks(BLOCKS_MAX);

export const POLICIES: Readonly<Record<string, () => Policy>> = {
  'round-robin': () => {
    let turn = -1;
    return (outstanding) => {
      turn += 1;
      return turn % outstanding.length;
    };
  },
  'least-outstanding': () => leastOf,
  'prefix only': () => {
    const index = new PrefixIndex(INDEX_BLOCKS);
    return (outstanding, prompt) => {
      const blocks = prompt.slice(0, SEEN_BLOCKS);
      const matches = outstanding.map((_, replica) => index.matchOf(String(replica), blocks));
      const best = Math.max(...matches);
      const chosen = best === 0 ? leastOf(outstanding) : matches.indexOf(best);
      index.note(String(chosen), blocks);
      return chosen;
    };
  },
  'flywheel (new prefill × batch)': () => {
    const index = new PrefixIndex(INDEX_BLOCKS);
    return (outstanding, prompt) => {
      const blocks = prompt.slice(0, SEEN_BLOCKS);
      const replicas = outstanding.map((running, replica) => ({
        id: String(replica),
        region: '',
        state: 'ready' as const,
        outstanding: running,
        parallel: PARALLEL,
        restsUntilMs: 0,
        newPrefill: blocks.length - index.matchOf(String(replica), blocks) + 1,
      }));
      const decision = chooseReplica(replicas, { region: '', nowMs: 0, tried: [] });
      const chosen = decision.kind === 'replica' ? Number(decision.id) : leastOf(outstanding);
      index.note(String(chosen), blocks);
      return chosen;
    };
  },
};

function leastOf(outstanding: readonly number[]): number {
  return outstanding.indexOf(Math.min(...outstanding));
}
