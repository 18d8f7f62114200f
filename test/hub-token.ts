/** A token for the hub's clients, as `flywheel hub token create` makes one. */
import type { Cloud } from './cloud.ts';

export async function createHubToken(cloud: Cloud): Promise<string> {
  const response = await fetch(`${cloud.url}/cloud/v1/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${cloud.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'laptop', kind: 'hub', role: 'developer' }),
  });
  const { secret }: { secret: string } = JSON.parse(await response.text());
  return secret;
}
