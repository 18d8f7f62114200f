/**
 * Which journal folder of the home belongs to which gateway process. Every process takes the first that
 * nobody has, so that one that is started again finds its own, and one that starts beside it makes
 * another. A folder whose process is gone is free to take, by a successor or for shipping what is left.
 */
import { mkdir, readdir } from 'node:fs/promises';
import { codeOf } from '#platform/error.ts';
import { lockHome } from './home-lock.ts';
import { gatewayFolder, journalFolder } from './home.ts';

export type JournalClaim = Readonly<{
  /** From 1; also the name of the process among its siblings. */
  number: number;
  folder: string;
  release: () => Promise<void>;
}>;

/** Far above the cores of any machine, twice for a restart of all. */
const NUMBER_MAX = 1024;

/** The first folder that no living process has. */
export async function claimJournal(home: string): Promise<JournalClaim> {
  for (let number = 1; number <= NUMBER_MAX; number += 1) {
    const claim = await claimNumber(home, number);
    if (claim !== null) return claim;
  }
  throw new Error(`all ${NUMBER_MAX} journals of this home are in use`);
}

/** Null when a living process has it. */
export async function claimNumber(home: string, number: number): Promise<JournalClaim | null> {
  await mkdir(gatewayFolder(home), { recursive: true, mode: 0o700 });
  const folder = journalFolder(home, number);
  try {
    const release = await lockHome(`${folder}.lock`, { waitMs: 0 });
    return { number, folder, release };
  } catch (error) {
    if (codeOf(error) === 'home.locked') return null;
    throw error;
  }
}

const NAME = /^journal(?:-(?<number>[1-9]\d{0,3}))?$/;

/** Numbers of the journals there are, held by somebody or not. */
export async function listJournals(home: string): Promise<readonly number[]> {
  const names = await readdir(gatewayFolder(home));
  return names.flatMap((name) => {
    const match = NAME.exec(name);
    return match === null ? [] : [Number(match.groups?.['number'] ?? 1)];
  });
}
