/**
 * Looks into a file that Python would load by running it: a pickle, or a zip of PyTorch with pickles in it.
 * Bounded whatever the file says of itself: so many entries, so many bytes of each, and never one unpacked
 * to disk. Zip: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.7, 4.3.12, 4.3.16.
 */
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { type PickleImport, scanPickle } from './pickle.ts';
import { type Verdict, judgeImport, worstOf } from './verdict.ts';

export type FileScan = Readonly<{
  verdict: Verdict;
  imports: readonly (PickleImport & Readonly<{ verdict: Verdict }>)[];
  /** Why it could not be read to its end; null where it was. */
  remark: string | null;
}>;

export type ReadPart = (offset: number, length: number) => Promise<Uint8Array>;

const PICKLES = /\.(?:bin|pt|pth|pkl|pickle|ckpt|joblib|dill|pck|p)$/i;

/** Other files are data to everybody and run nothing. */
export function isScanned(path: string): boolean {
  return PICKLES.test(path);
}

/** The program is at the front, before the numbers; PyTorch's are some hundred kilobytes. */
const PICKLE_BYTES_MAX = 16 * 1024 * 1024;
/** PyTorch's old format is five pickles in a row. */
const PICKLES_IN_A_ROW_MAX = 8;
const ENTRIES_MAX = 20_000;
const DIRECTORY_BYTES_MAX = 8 * 1024 * 1024;
const PICKLE_ENTRIES_MAX = 16;
const END_BYTES = 22 + 65_535;
const IMPORTS_SHOWN_MAX = 100;

const inflate = promisify(inflateRaw);

export async function scanFile(sizeBytes: number, read: ReadPart): Promise<FileScan> {
  const start = await read(0, 4);
  const isZip = start[0] === 0x50 && start[1] === 0x4b;
  const found = isZip ? await scanZip(sizeBytes, read) : await scanPlain(sizeBytes, read);
  const seen = new Map(found.imports.map((one) => [`${one.module}.${one.name}`, one]));
  const imports = [...seen.values()].map((one) => ({ ...one, verdict: judgeImport(one) }));
  const worst = worstOf(imports.map(({ verdict }) => verdict));
  const verdict = found.remark !== null && worst === 'safe' ? 'suspicious' : worst;
  const order = { unsafe: 0, suspicious: 1, safe: 2 };
  const shown = imports.toSorted((left, right) => order[left.verdict] - order[right.verdict]);
  return { verdict, imports: shown.slice(0, IMPORTS_SHOWN_MAX), remark: found.remark };
}

type Found = { imports: PickleImport[]; remark: string | null };

async function scanPlain(sizeBytes: number, read: ReadPart): Promise<Found> {
  const bytes = await read(0, Math.min(sizeBytes, PICKLE_BYTES_MAX));
  const imports: PickleImport[] = [];
  let at = 0;
  for (let count = 0; count < PICKLES_IN_A_ROW_MAX && at < bytes.length; count += 1) {
    const scan = scanPickle(bytes, at);
    imports.push(...scan.imports);
    if (scan.endsAt === null) break;
    at = scan.endsAt;
  }
  // Raw numbers under a name like weights.bin are no program, and nobody loads them as one.
  const isPickle = at > 0 || bytes[0] === 0x80 || imports.length > 0;
  const isWhole = at > 0 || !isPickle;
  return { imports, remark: isWhole ? null : 'The pickle is damaged, or longer than is read.' };
}

type Entry = Readonly<{
  name: string;
  method: number;
  packedBytes: number;
  bytes: number;
  offset: number;
}>;

async function scanZip(sizeBytes: number, read: ReadPart): Promise<Found> {
  const entries = await readDirectory(sizeBytes, read);
  if (entries === null) return { imports: [], remark: 'The directory of the zip cannot be read.' };
  const found: Found = { imports: [], remark: null };
  const pickles = entries.filter(({ name }) => /\.(?:pkl|pickle|p)$/i.test(name));
  if (pickles.length > PICKLE_ENTRIES_MAX) found.remark = 'There are more pickles than are read.';
  for (const entry of pickles.slice(0, PICKLE_ENTRIES_MAX)) {
    const bytes = await unpack(entry, read);
    if (bytes === null) {
      found.remark = `${entry.name.slice(0, 100)} cannot be unpacked within ${PICKLE_BYTES_MAX} bytes.`;
      continue;
    }
    const scan = scanPickle(bytes);
    found.imports.push(...scan.imports);
    if (scan.endsAt === null) found.remark = `${entry.name.slice(0, 100)} is a damaged pickle.`;
  }
  return found;
}

async function readDirectory(sizeBytes: number, read: ReadPart): Promise<readonly Entry[] | null> {
  const tailBytes = Math.min(sizeBytes, END_BYTES);
  const tail = Buffer.from(await read(sizeBytes - tailBytes, tailBytes));
  const at = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (at === -1 || at + 22 > tail.length) return null;
  let length = tail.readUInt32LE(at + 12);
  let start = tail.readUInt32LE(at + 16);
  const locator = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 6, 6]));
  if (start === 0xffffffff && locator !== -1 && locator + 56 <= tail.length) {
    length = Number(tail.readBigUInt64LE(locator + 40));
    start = Number(tail.readBigUInt64LE(locator + 48));
  }
  if (length > DIRECTORY_BYTES_MAX || start + length > sizeBytes) return null;
  return parseDirectory(Buffer.from(await read(start, length)));
}

function parseDirectory(bytes: Buffer): readonly Entry[] | null {
  const entries: Entry[] = [];
  for (let at = 0; at + 46 <= bytes.length && entries.length < ENTRIES_MAX;) {
    if (bytes.readUInt32LE(at) !== 0x02014b50) return null;
    const nameLength = bytes.readUInt16LE(at + 28);
    const rest = bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    entries.push({
      name,
      method: bytes.readUInt16LE(at + 10),
      packedBytes: bytes.readUInt32LE(at + 20),
      bytes: bytes.readUInt32LE(at + 24),
      offset: bytes.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + rest;
  }
  return entries;
}

/** Null for what is larger than is read, says so or not, and for what is packed another way. */
async function unpack(entry: Entry, read: ReadPart): Promise<Uint8Array | null> {
  if (entry.packedBytes > PICKLE_BYTES_MAX || entry.bytes > PICKLE_BYTES_MAX) return null;
  const head = Buffer.from(await read(entry.offset, 30));
  if (head.length < 30 || head.readUInt32LE(0) !== 0x04034b50) return null;
  const start = entry.offset + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
  const packed = await read(start, entry.packedBytes);
  if (entry.method === 0) return packed;
  if (entry.method !== 8) return null;
  try {
    return await inflate(packed, { maxOutputLength: PICKLE_BYTES_MAX });
  } catch {
    // Damaged, or a bomb: either way nothing that is loaded with trust.
    return null;
  }
}
