/**
 * A response that its caller may go on from, and who may: one project of one tenant. Gateways hold no
 * SQL, and the next turn may come to another gateway, so responses live with control; a gateway asks
 * for them only where a caller names one.
 */
import type { BodyMeter } from '../body-budget.ts';

export type Owner = Readonly<{ tenantId: string; projectId: string }>;

export type KeptResponse = Readonly<{
  id: string;
  previousId: string | null;
  /** Items of its own request, without those of the responses before it. */
  input: readonly unknown[];
  /** As the caller got it; `output` holds the items of the answer. */
  response: Readonly<Record<string, unknown>>;
}>;

/** What a wire needs; a gateway asks control, a test a map. */
export interface ResponseMemory {
  /** False where it could not be kept. Never raises. */
  keep(owner: Owner, kept: KeptResponse): Promise<boolean>;
  /**
   * The response and those before it, oldest first; null where one is missing. Raises `control_unavailable`,
   * and `server_is_overloaded` where there is no room for it.
   */
  conversation(owner: Owner, id: string, room: BodyMeter): Promise<readonly KeptResponse[] | null>;
  find(owner: Owner, id: string, room: BodyMeter): Promise<KeptResponse | null>;
  /** False where there was none. */
  forget(owner: Owner, id: string): Promise<boolean>;
}

/** One response with its request: some four books. A larger one answers and is not kept. */
export const KEPT_BYTES_MAX = 4 * 1024 * 1024;
/** What comes back for one call; it becomes one prompt, and no context is near it. */
export const CONVERSATION_BYTES_MAX = 16 * 1024 * 1024;
export const CONVERSATION_TURNS_MAX = 1_000;
