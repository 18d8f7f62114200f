/**
 * From what was typed to a command and its checked input. Pure. The words may stand anywhere among
 * the options; an option that no command has, or that this one has not, is refused with the nearest
 * one that exists.
 */
import { parseArgs } from 'node:util';
import { nearest } from '#platform/nearest.ts';
import type {
  AnyOptions,
  ArgumentSpec,
  Command,
  OptionSpec,
  ParsedInput,
  ParsedValue,
} from './command.ts';
import { UsageError } from './usage-error.ts';

/** Options of every command. */
export const GLOBAL_OPTIONS = {
  json: { type: 'boolean', summary: 'Print the result as JSON on standard output.' },
  url: { type: 'string', value: 'URL', summary: 'The Flywheel to talk to.' },
  key: { type: 'string', value: 'KEY', summary: 'The API key to call with.' },
  help: { type: 'boolean', short: 'h', summary: 'Show help and do nothing else.' },
  version: { type: 'boolean', summary: 'Show the version and do nothing else.' },
} as const satisfies AnyOptions;

export type Global = Readonly<{
  isJson: boolean;
  url: string | undefined;
  key: string | undefined;
}>;

export type Parsed =
  | Readonly<{ kind: 'run'; command: Command; input: ParsedInput; global: Global }>
  /** Help on everything (no words), on a noun, or on one command. */
  | Readonly<{ kind: 'help'; words: readonly string[] }>
  | Readonly<{ kind: 'version' }>;

type Raw = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** Raises `UsageError`. */
export function parse(argv: readonly string[], commands: readonly Command[]): Parsed {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: unionOf(commands),
    allowPositionals: true,
    strict: false,
  });
  if (values['version'] === true) return { kind: 'version' };
  const isHelp = values['help'] === true || positionals[0] === 'help';
  const words = positionals[0] === 'help' ? positionals.slice(1) : positionals;
  const command = findCommand(words, commands);
  if (isHelp || words.length === 0) return helpOn(words, command, commands);
  if (command === null) return whenUnknown(words, commands);
  const allowed: AnyOptions = { ...command.options, ...GLOBAL_OPTIONS };
  refuseUnknownOptions(values, allowed, command);
  return {
    kind: 'run',
    command,
    global: {
      isJson: parseFlag('json', values['json']),
      url: textOf(values, 'url'),
      key: textOf(values, 'key'),
    },
    input: {
      arguments: parseArguments(words.slice(command.words.length), command),
      options: Object.fromEntries(
        Object.entries(command.options).map(([name, spec]) => [
          name,
          parseOption(name, spec, values[name]),
        ]),
      ),
    },
  };
}

/** One table for the first pass over the text; where one command takes a list of what others take once, all are read as lists. */
function unionOf(commands: readonly Command[]) {
  const union: Record<string, { type: 'string' | 'boolean'; short?: string; multiple: boolean }> =
    {};
  for (const options of [GLOBAL_OPTIONS, ...commands.map((command) => command.options)]) {
    for (const [name, spec] of Object.entries<OptionSpec>(options)) {
      const short = spec.short ?? union[name]?.short;
      union[name] = {
        type: spec.type === 'boolean' ? 'boolean' : 'string',
        multiple: spec.type === 'list' || union[name]?.multiple === true,
        ...(short === undefined ? {} : { short }),
      };
    }
  }
  return union;
}

/** The command with the most words that are the first of these. */
function findCommand(words: readonly string[], commands: readonly Command[]): Command | null {
  const fitting = commands.filter((command) =>
    command.words.every((word, index) => words[index] === word),
  );
  return fitting.toSorted((a, b) => b.words.length - a.words.length)[0] ?? null;
}

function helpOn(
  words: readonly string[],
  command: Command | null,
  commands: readonly Command[],
): Parsed {
  if (command !== null) return { kind: 'help', words: command.words };
  const isKnown = commands.some((each) => words.every((word, index) => each.words[index] === word));
  return isKnown ? { kind: 'help', words } : whenUnknown(words, commands);
}

/** A noun alone asks for its verbs; anything else is a slip. */
function whenUnknown(words: readonly string[], commands: readonly Command[]): Parsed {
  const depth = words.findIndex(
    (_, index) => !commands.some((each) => startsWith(each.words, words.slice(0, index + 1))),
  );
  if (depth === -1) return { kind: 'help', words };
  const known = words.slice(0, depth);
  const choices = commands
    .filter((each) => startsWith(each.words, known))
    .flatMap((each) => each.words[depth] ?? []);
  const typed = words[depth] ?? '';
  const near = nearest(typed, choices);
  const path = ['flywheel', ...known].join(' ');
  throw new UsageError(
    `"${typed}" is not a command of ${path}.`,
    near === null ? `See \`${path} --help\`.` : `Did you mean \`${path} ${near}\`?`,
  );
}

function startsWith(words: readonly string[], prefix: readonly string[]): boolean {
  return prefix.every((word, index) => words[index] === word);
}

function refuseUnknownOptions(values: Raw, allowed: AnyOptions, command: Command): void {
  for (const name of Object.keys(values)) {
    if (Object.hasOwn(allowed, name)) continue;
    const near = nearest(name, Object.keys(allowed));
    const path = ['flywheel', ...command.words].join(' ');
    throw new UsageError(
      `${path} has no option ${name.length === 1 ? '-' : '--'}${name}.`,
      near === null ? `See \`${path} --help\`.` : `Did you mean --${near}?`,
    );
  }
}

function parseArguments(typed: readonly string[], command: Command): Record<string, ParsedValue> {
  const out: Record<string, ParsedValue> = {};
  let rest = typed;
  for (const spec of command.arguments) {
    if (spec.kind === 'rest') {
      out[spec.name] = rest;
      rest = [];
      continue;
    }
    const [value, ...others] = rest;
    if (value === undefined && spec.kind === 'required') throw missing(spec, command);
    out[spec.name] = value;
    rest = others;
  }
  if (rest.length === 0) return out;
  const path = ['flywheel', ...command.words].join(' ');
  throw new UsageError(`${path} does not take "${rest[0]}".`, `See \`${path} --help\`.`);
}

function missing(spec: ArgumentSpec, command: Command): UsageError {
  const path = ['flywheel', ...command.words].join(' ');
  return new UsageError(
    `${path} needs ${spec.name.toUpperCase()}: ${spec.summary}`,
    `See \`${path} --help\`.`,
  );
}

function parseOption(name: string, spec: OptionSpec, raw: Raw[string]): ParsedValue {
  if (spec.type === 'boolean') return parseFlag(name, raw);
  if (spec.type === 'list') return Array.isArray(raw) ? raw.map(String) : [];
  // Said twice, the last one counts, as with every option that is no list.
  const value = Array.isArray(raw) ? raw.at(-1) : raw;
  if (value === undefined && spec.required === true)
    throw new UsageError(`--${name} is needed: ${spec.summary}`);
  if (value === undefined) return spec.default;
  if (typeof value !== 'string' || isOption(value))
    throw new UsageError(`--${name} needs a value.`);
  if (spec.type === 'number') return parseNumber(name, value);
  if (spec.choices === undefined || spec.choices.includes(value)) return value;
  throw new UsageError(`--${name} is one of ${spec.choices.join(', ')}; it is "${value}".`);
}

function parseFlag(name: string, value: Raw[string]): boolean {
  if (value === undefined || value === true) return value === true;
  throw new UsageError(`--${name} takes no value.`);
}

function parseNumber(name: string, value: string): number {
  const number = Number(value);
  if (value.trim() !== '' && Number.isFinite(number)) return number;
  throw new UsageError(`--${name} is a number; it is "${value}".`);
}

/** `--url --json`: the value was forgotten; a negative number is a value. */
function isOption(value: string): boolean {
  return /^--?[a-z]/.test(value);
}

function textOf(values: Raw, name: string): string | undefined {
  const value = values[name];
  if (value === undefined || (typeof value === 'string' && !isOption(value))) return value;
  throw new UsageError(`--${name} needs a value.`);
}
