/** A child for the tests of supervision: does what its options say. */
import { writeSync } from 'node:fs';
import { runChild } from '#platform/process.ts';

type Options = { refuse?: string; ignoreStop?: boolean; name?: string };

runChild<Options, { pid: number; name: string }>(async (options, note) => {
  note('working on it');
  writeSync(2, 'a line of the child\n');
  if (options.refuse !== undefined) {
    throw Object.assign(new Error(options.refuse), { code: 'test.refused' });
  }
  return {
    facts: { pid: process.pid, name: options.name ?? '' },
    stop: () => (options.ignoreStop === true ? new Promise(() => {}) : Promise.resolve()),
  };
});
