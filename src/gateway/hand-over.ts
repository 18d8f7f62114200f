/** What a gateway tells control beside its journal, and what nobody waits for: kept contents, refused requests. */
import { Agent, request } from 'undici';
import type { SendContents } from './contents/content-keeper.ts';
import type { SendRefusals } from './refusals/refusal-keeper.ts';

const TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 2_000;

export function createHandOver(
  options: Readonly<{ controlUrl: string; joinToken: string }>,
): Readonly<{
  sendContents: SendContents;
  sendRefusals: SendRefusals;
  stop: () => Promise<void>;
}> {
  const agent = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS }, connections: 2 });
  const send = async (path: string, sent: object): Promise<void> => {
    const { statusCode, body } = await request(`${options.controlUrl}${path}`, {
      method: 'POST',
      dispatcher: agent,
      headers: {
        authorization: `Bearer ${options.joinToken}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(sent),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await body.dump();
    if (statusCode >= 300) throw new Error(`control answered ${statusCode}`);
  };
  return {
    sendContents: (contents) => send('/internal/v1/contents', { contents }),
    sendRefusals: (refusals) => send('/internal/v1/refusals', { refusals }),
    stop: () => agent.destroy(),
  };
}
