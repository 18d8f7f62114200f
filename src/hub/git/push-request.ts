/** What a push asks for, and how it is answered. https://git-scm.com/docs/gitprotocol-pack, "Pushing Data To a Server" */
import { failGit } from './errors.ts';
import { FLUSH, type LineReader, banded, line } from './pkt-line.ts';

/** A ref is to go from here to there; null is nowhere. */
export type RefCommand = Readonly<{ ref: string; oldOid: string | null; newOid: string | null }>;

export type PushRequest = Readonly<{
  commands: readonly RefCommand[];
  capabilities: ReadonlySet<string>;
}>;

const COMMANDS_MAX = 500;
const REF_LENGTH_MAX = 300;
const COMMAND = /^([0-9a-f]{40}) ([0-9a-f]{40}) ([^\s\0]+)$/;

export const PUSH_CAPABILITIES =
  'report-status delete-refs side-band-64k quiet atomic ofs-delta object-format=sha1 agent=flywheel';

/** Raises `git.request_invalid`. */
export async function readPushRequest(reader: LineReader): Promise<PushRequest> {
  const commands: RefCommand[] = [];
  let capabilities = new Set<string>();
  for (;;) {
    const bytes = await reader.next();
    if (bytes === null || bytes === undefined) break;
    const [text = '', words = ''] = Buffer.from(bytes).toString('utf8').split('\0');
    // A clone without its past: what it sends is judged by what is here.
    if (text.startsWith('shallow ')) continue;
    const found = COMMAND.exec(text.trim());
    if (found === null || commands.length >= COMMANDS_MAX) throw invalid();
    const [, oldOid = '', newOid = '', ref = ''] = found;
    if (ref.length > REF_LENGTH_MAX) throw invalid();
    if (commands.length === 0) capabilities = new Set(words.trim().split(' '));
    commands.push({ ref, oldOid: orNull(oldOid), newOid: orNull(newOid) });
  }
  return { commands, capabilities };
}

function orNull(oid: string): string | null {
  return /^0+$/.test(oid) ? null : oid;
}

function invalid(): Error {
  return failGit('git.request_invalid', 'This is not a push as git sends it.');
}

/** `reason` is null where all of it is done; else none of it is. */
export function pushReport(
  { commands, capabilities }: PushRequest,
  reason: string | null,
): Uint8Array {
  const lines = [
    line('unpack ok\n'),
    ...commands.map(({ ref }) => line(reason === null ? `ok ${ref}\n` : `ng ${ref} ${reason}\n`)),
    FLUSH,
  ];
  const report = capabilities.has('report-status') ? Buffer.concat(lines) : Buffer.alloc(0);
  if (!capabilities.has('side-band-64k')) return report;
  return Buffer.concat([banded('data', report), FLUSH]);
}
