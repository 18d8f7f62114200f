/**
 * Which Flywheel a command talks to and with which key: the options, else the environment, else the
 * `first-run.json` of this home. The key of the home is sent only to the address of the home, so
 * that `--url` to somewhere else never gives it away.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '#platform/config.ts';

export type Connection = Readonly<{ url: string; key: string | undefined }>;

export async function findConnection(
  options: Readonly<{ url: string | undefined; key: string | undefined }>,
  settings: Settings,
): Promise<Connection> {
  const first = await readFirstRun(settings.FLYWHEEL_HOME);
  const local = `http://localhost:${settings.FLYWHEEL_PORT}`;
  const url = options.url ?? settings.FLYWHEEL_URL ?? first?.url ?? local;
  const given = options.key ?? settings.FLYWHEEL_API_KEY ?? undefined;
  const isHome = first !== null && originOf(url) === originOf(first.url);
  return { url, key: given ?? (isHome ? first.apiKey : undefined) };
}

type FirstRun = Readonly<{ url: string; apiKey: string }>;

/** Null when there is none, or none that this person may read. */
async function readFirstRun(home: string): Promise<FirstRun | null> {
  try {
    const value: Partial<Record<string, unknown>> = JSON.parse(
      await readFile(join(home, 'first-run.json'), 'utf8'),
    );
    const { url, apiKey } = value;
    return typeof url === 'string' && typeof apiKey === 'string' ? { url, apiKey } : null;
  } catch {
    return null;
  }
}

/** `localhost` and `127.0.0.1` are the same machine, whichever was typed. */
function originOf(url: string): string | null {
  const parsed = URL.parse(url);
  if (parsed === null) return null;
  return parsed.origin.replace('//127.0.0.1', '//localhost').replace('//[::1]', '//localhost');
}
