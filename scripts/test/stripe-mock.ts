/** Stripe's own mock server: it knows the whole of Stripe's API and refuses what does not fit it. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { provideGoProgram } from './go-program.ts';

const STRIPE_MOCK = { package: 'github.com/stripe/stripe-mock', version: 'v0.203.0' };
const START_TIMEOUT_MS = 15_000;

export async function startStripeMock(
  cache: string,
  installPython: () => Promise<void>,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const program = await provideGoProgram(STRIPE_MOCK, cache, installPython);
  const child = spawn(program, ['-http-port', '0'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const timer = setTimeout(() => child.kill(), START_TIMEOUT_MS);
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /Listening for HTTP at address: .*:(\d+)$/.exec(line)?.[1];
    if (port === undefined) continue;
    clearTimeout(timer);
    child.stdout.resume();
    return {
      url: `http://127.0.0.1:${port}`,
      stop: async () => {
        child.kill();
        await exited;
      },
    };
  }
  clearTimeout(timer);
  throw new Error('stripe-mock ended before it listened');
}
