/**
 * What a Python pickle would import when it is loaded, without loading it. Pure. A pickle is a program for
 * a small stack machine; only the words that name imports and the texts they are made of are followed.
 * What was named before a damaged place counts: Python runs a pickle as it reads it.
 * https://docs.python.org/3/library/pickletools.html
 */
export type PickleImport = Readonly<{ module: string; name: string }>;

export type PickleScan = Readonly<{
  imports: readonly PickleImport[];
  /** Where the pickle ends; null where it is damaged or was cut off. */
  endsAt: number | null;
}>;

/** Bytes of the argument, by opcode; the rest is told apart below. https://github.com/python/cpython/blob/main/Lib/pickletools.py */
const FIXED: Readonly<Record<string, number>> = {
  K: 1,
  M: 2,
  J: 4,
  G: 8,
  h: 1,
  j: 4,
  q: 1,
  r: 4,
  '\x80': 1,
  '\x82': 1,
  '\x83': 2,
  '\x84': 4,
  '\x95': 8,
};
/** Length of the argument by its own first bytes: how many there are. */
const COUNTED: Readonly<Record<string, 1 | 4 | 8>> = {
  U: 1,
  T: 4,
  X: 4,
  B: 4,
  C: 1,
  '\x8a': 1,
  '\x8b': 4,
  '\x8c': 1,
  '\x8d': 8,
  '\x8e': 8,
  '\x96': 8,
};
const TEXTS = new Set(['U', 'T', 'X', '\x8c', '\x8d', 'S', 'V']);
const LINES = new Set(['F', 'I', 'L', 'S', 'V', 'P', 'p', 'g', 'c', 'i']);
const BARE = new Set([
  ...'(.012NQRabde)lost]}u',
  ...'\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94\x97\x98',
]);

/** Names are short; more of a text is not looked at. */
const NAME_LENGTH_MAX = 200;
/** A program that imports more is no model. */
const IMPORTS_MAX = 1_000;

type Machine = {
  readonly bytes: Uint8Array;
  at: number;
  /** Texts in the order they were put down or fetched again: the last two name a STACK_GLOBAL. */
  readonly texts: string[];
  readonly memo: Map<string, string>;
  readonly imports: PickleImport[];
};

export function scanPickle(bytes: Uint8Array, from = 0): PickleScan {
  const machine: Machine = { bytes, at: from, texts: [], memo: new Map(), imports: [] };
  for (;;) {
    const code = machine.bytes[machine.at];
    if (code === undefined) return { imports: machine.imports, endsAt: null };
    machine.at += 1;
    const opcode = String.fromCharCode(code);
    if (opcode === '.') return { imports: machine.imports, endsAt: machine.at };
    if (!step(machine, opcode)) return { imports: machine.imports, endsAt: null };
  }
}

/** False where the program cannot go on. */
function step(machine: Machine, opcode: string): boolean {
  if (BARE.has(opcode)) {
    if (opcode === '\x93')
      addImport(machine, machine.texts.at(-2) ?? '?', machine.texts.at(-1) ?? '?');
    if (opcode === '\x94') machine.memo.set(String(machine.memo.size), machine.texts.at(-1) ?? '');
    return true;
  }
  const argument = argumentOf(machine, opcode);
  if (argument === null) return false;
  if (opcode === 'c' || opcode === 'i') {
    const name = readLine(machine);
    if (name === null) return false;
    addImport(machine, argument, name);
  } else if (TEXTS.has(opcode)) machine.texts.push(argument);
  else if (opcode === 'q' || opcode === 'r' || opcode === 'p') {
    machine.memo.set(argument, machine.texts.at(-1) ?? '');
  } else if (opcode === 'h' || opcode === 'j' || opcode === 'g') {
    machine.texts.push(machine.memo.get(argument) ?? '');
  }
  return machine.imports.length < IMPORTS_MAX;
}

function addImport({ imports }: Machine, module: string, name: string): void {
  imports.push({ module, name });
}

/** As text, numbers included; null where there are not enough bytes or no such opcode. */
function argumentOf(machine: Machine, opcode: string): string | null {
  if (LINES.has(opcode)) return readLine(machine)?.replace(/^(['"])(.*)\1$/, '$2') ?? null;
  const fixed = FIXED[opcode];
  if (fixed !== undefined) {
    const number = readNumber(machine, fixed);
    return number === null ? null : String(number);
  }
  const counted = COUNTED[opcode];
  if (counted === undefined) return null;
  const length = readNumber(machine, counted);
  if (length === null || machine.at + length > machine.bytes.length) return null;
  const end = machine.at + Math.min(length, NAME_LENGTH_MAX);
  const text = Buffer.from(machine.bytes.subarray(machine.at, end)).toString('utf8');
  machine.at += length;
  return text;
}

function readNumber(machine: Machine, size: number): number | null {
  if (machine.at + size > machine.bytes.length) return null;
  let number = 0;
  for (let index = size - 1; index >= 0; index -= 1) {
    number = number * 256 + (machine.bytes[machine.at + index] ?? 0);
  }
  machine.at += size;
  return number;
}

function readLine(machine: Machine): string | null {
  const end = machine.bytes.indexOf(0x0a, machine.at);
  if (end === -1) return null;
  const from = machine.at;
  machine.at = end + 1;
  const last = Math.min(end, from + NAME_LENGTH_MAX);
  return Buffer.from(machine.bytes.subarray(from, last)).toString('utf8').trim();
}
