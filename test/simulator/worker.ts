/** A process that plays seeds and tells of each to whoever started it. Ends with the first that fails. */
import { simulate } from './simulation.ts';
import { type Theatre, openTheatre } from './stage.ts';

export type WorkerOptions = Readonly<{ first: number; seeds: number; step: number }>;
export type WorkerSays =
  | Readonly<{ kind: 'played'; seed: number; told: Readonly<Record<string, number>> }>
  | Readonly<{ kind: 'failed'; seed: number; why: string }>;

/** Tenants of earlier seeds stay, and what runs over all tenants takes longer with each. */
const SEEDS_PER_THEATRE = 40;

const options: WorkerOptions = JSON.parse(process.argv[2] ?? '');
let theatre: Theatre | null = null;
for (let played = 0; played < options.seeds; played += 1) {
  const seed = options.first + played * options.step;
  if (played % SEEDS_PER_THEATRE === 0) {
    await theatre?.stop();
    theatre = await openTheatre();
  }
  if (theatre === null) throw new Error('there is no theatre');
  if (!(await play(theatre, seed))) break;
}
await theatre?.stop();
process.once('disconnect', () => process.exit(0));
process.disconnect?.();

async function play(on: Theatre, seed: number): Promise<boolean> {
  try {
    say({ kind: 'played', seed, told: await simulate(on, seed) });
    return true;
  } catch (error) {
    say({ kind: 'failed', seed, why: describe(error) });
    return false;
  }
}

function say(what: WorkerSays): void {
  process.send?.(what);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\n${describe(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
