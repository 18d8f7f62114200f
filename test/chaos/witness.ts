/** What a gateway process says it did, written beside its journal by plain appends that survive kill -9. */
import { existsSync, readFileSync } from 'node:fs';
import type { UsageBuckets } from '#metering/usage-event.ts';

export type WitnessLine =
  | Readonly<{ kind: 'began'; requestId: string }>
  /** The journal promised to keep the admission. */
  | Readonly<{ kind: 'admitted'; requestId: string }>
  /** The journal promised to keep the end. */
  | Readonly<{ kind: 'settled'; requestId: string; outcome: string; usage: UsageBuckets }>;

export function readWitness(file: string): readonly WitnessLine[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line): WitnessLine => JSON.parse(line));
}
