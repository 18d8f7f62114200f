/** A gateway's side of kept contents: hands them to control. */
import { Agent, request } from 'undici';
import type { SendContents } from './content-keeper.ts';

const TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 2_000;

export function createContentClient(
  options: Readonly<{ controlUrl: string; joinToken: string }>,
): Readonly<{ send: SendContents; stop: () => Promise<void> }> {
  const agent = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS }, connections: 1 });
  return {
    send: async (contents) => {
      const { statusCode, body } = await request(`${options.controlUrl}/internal/v1/contents`, {
        method: 'POST',
        dispatcher: agent,
        headers: {
          authorization: `Bearer ${options.joinToken}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ contents }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await body.dump();
      if (statusCode >= 300) throw new Error(`control answered ${statusCode}`);
    },
    stop: () => agent.destroy(),
  };
}
