/**
 * Control's side of kept responses. Owns how long and how much is kept: a response lives for 30 days
 * as with OpenAI, a project keeps a bounded number of them and bytes, and its oldest go first.
 */
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import {
  CONVERSATION_BYTES_MAX,
  CONVERSATION_TURNS_MAX,
  KEPT_BYTES_MAX,
  type KeptResponse,
  type Owner,
  type ResponseMemory,
} from './kept-response.ts';
import {
  type ResponseRow,
  deleteOld,
  deleteResponse,
  insertResponse,
  selectConversation,
} from './store.ts';

/** As OpenAI keeps them. */
const LIFETIME_MS = 30 * 24 * 60 * 60_000;
/** Of one project: enough for a busy agent's month, little beside what a hub stores. */
const KEPT_MAX = 10_000;
const PROJECT_BYTES_MAX = 256 * 1024 * 1024;

export type KeptResponsesOptions = Readonly<{
  database: Database;
  clock: Clock;
  keptMax?: number;
  projectBytesMax?: number;
}>;

export type KeptResponses = ResponseMemory &
  Readonly<{
    /** Returns how many went. */
    sweep: () => Promise<number>;
  }>;

export function createKeptResponses(options: KeptResponsesOptions): KeptResponses {
  const { database, clock, keptMax = KEPT_MAX, projectBytesMax = PROJECT_BYTES_MAX } = options;
  const select = (owner: Owner, id: string, turnsMax: number): Promise<ResponseRow[]> =>
    selectConversation(database, owner, {
      id,
      turnsMax,
      bytesMax: CONVERSATION_BYTES_MAX,
      now: new Date(clock.nowMs()),
    });
  return {
    keep: async (owner, { id, previousId, input, response }) => {
      const row = {
        id,
        previousId,
        input: JSON.stringify(input),
        response: JSON.stringify(response),
      };
      const bytes = Buffer.byteLength(row.input) + Buffer.byteLength(row.response);
      if (bytes > KEPT_BYTES_MAX) return false;
      const createdAt = new Date(clock.nowMs());
      const expiresAt = new Date(clock.nowMs() + LIFETIME_MS);
      await insertResponse(database, owner, { ...row, bytes, createdAt, expiresAt });
      return true;
    },
    conversation: async (owner, id) => {
      const rows = await select(owner, id, CONVERSATION_TURNS_MAX);
      // Half a conversation would be answered as if it were the whole.
      if (rows.length === 0 || rows.at(-1)?.previousId !== null) return null;
      return rows.toReversed().map(parseRow);
    },
    find: async (owner, id) => {
      const [row] = await select(owner, id, 1);
      return row === undefined ? null : parseRow(row);
    },
    forget: (owner, id) => deleteResponse(database, owner, id),
    /** A whole pass over a table that is bounded by itself. */
    sweep: () => {
      const now = new Date(clock.nowMs());
      return deleteOld(database, { now, countMax: keptMax, bytesMax: projectBytesMax });
    },
  };
}

/** Written by us as JSON; the shapes are ours. */
function parseRow({ id, previousId, input, response }: ResponseRow): KeptResponse {
  return { id, previousId, input: JSON.parse(input), response: JSON.parse(response) };
}
