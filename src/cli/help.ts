/** Help from the commands' data. Pure; a snapshot test shows all of it. */
import type { ArgumentSpec, Command, OptionSpec } from './command.ts';
import { EXIT_CODES } from './exit-code.ts';
import { GLOBAL_OPTIONS } from './parse.ts';
import type { Style } from './terminal.ts';

export type Group = Readonly<{ title: string; nouns: readonly (readonly [string, string])[] }>;

type Paint = (style: Style, text: string) => string;

const WIDTH = 96;

/** Help on everything, on a noun (`['model']`), or on a command (`['model', 'import']`). */
export function renderHelp(
  words: readonly string[],
  commands: readonly Command[],
  groups: readonly Group[],
  paint: Paint,
): string {
  if (words.length === 0) return renderRoot(groups, paint);
  const fitting = commands.filter((command) =>
    words.every((word, index) => command.words[index] === word),
  );
  const [only] = fitting;
  const exact = fitting.find((command) => command.words.length === words.length);
  if (exact !== undefined && fitting.length === 1) return renderCommand(exact, paint);
  if (exact === undefined && fitting.length === 1 && only !== undefined)
    return renderCommand(only, paint);
  return renderNoun(words, fitting, { groups, exact, paint });
}

function renderRoot(groups: readonly Group[], paint: Paint): string {
  const lines = [
    'Flywheel: an open-model cloud that anyone can run.',
    '',
    `${paint('bold', 'Usage')}  flywheel NOUN [VERB] [options]`,
  ];
  for (const { title, nouns } of groups) lines.push('', paint('bold', title), ...rows(nouns));
  lines.push('', paint('bold', 'Options of every command'), ...rows(optionRows(GLOBAL_OPTIONS)));
  lines.push('', paint('bold', 'Exit codes'));
  lines.push(...rows(EXIT_CODES.map(([code, meaning]) => [String(code), meaning])));
  lines.push(
    '',
    'The address and the key come from --url and --key, else from FLYWHEEL_URL and FLYWHEEL_API_KEY,',
    'else from the first-run.json of this home. `flywheel NOUN --help` shows more.',
  );
  return lines.join('\n');
}

function renderNoun(
  words: readonly string[],
  commands: readonly Command[],
  parts: Readonly<{ groups: readonly Group[]; exact: Command | undefined; paint: Paint }>,
): string {
  const { groups, exact, paint } = parts;
  const noun = words.join(' ');
  const summary = groups.flatMap(({ nouns }) => nouns).find(([name]) => name === noun)?.[1];
  const verbs = commands.map(
    (command) => [usageOf(command).slice('flywheel '.length), command.summary] as const,
  );
  const lines = summary === undefined ? [] : [summary, ''];
  lines.push(paint('bold', 'Commands'), ...rows(verbs));
  if (exact !== undefined) lines.push('', ...optionLines(exact, paint));
  lines.push('', `\`flywheel ${noun} ${exact === undefined ? 'VERB ' : ''}--help\` shows more.`);
  return lines.join('\n');
}

function renderCommand(command: Command, paint: Paint): string {
  const lines = [command.summary, '', `${paint('bold', 'Usage')}  ${usageOf(command)} [options]`];
  if (command.details !== undefined) lines.push('', ...wrap(command.details, WIDTH));
  if (command.arguments.length > 0) {
    lines.push('', paint('bold', 'Arguments'));
    lines.push(
      ...rows(command.arguments.map(({ name, summary }) => [name.toUpperCase(), summary])),
    );
  }
  lines.push('', ...optionLines(command, paint));
  if (command.examples !== undefined) {
    lines.push('', paint('bold', 'Examples'), ...command.examples.map((line) => `  ${line}`));
  }
  return lines.join('\n');
}

function optionLines(command: Command, paint: Paint): string[] {
  const { version: _, ...global } = GLOBAL_OPTIONS;
  return [paint('bold', 'Options'), ...rows(optionRows({ ...command.options, ...global }))];
}

function usageOf(command: Command): string {
  return ['flywheel', ...command.words, ...command.arguments.map(argumentText)].join(' ');
}

function argumentText({ name, kind }: ArgumentSpec): string {
  const text = name.toUpperCase();
  if (kind === 'required') return text;
  return kind === 'rest' ? `[${text} …]` : `[${text}]`;
}

function optionRows(options: Readonly<Record<string, OptionSpec>>): (readonly [string, string])[] {
  return Object.entries(options).map(([name, spec]) => {
    const value = spec.type === 'boolean' ? '' : ` ${spec.value ?? 'VALUE'}`;
    const short = spec.short === undefined ? '' : `-${spec.short}, `;
    return [`${short}--${name}${value}`, spec.summary + remarkOf(spec)];
  });
}

function remarkOf(spec: OptionSpec): string {
  if (spec.type === 'list') return ' May be repeated.';
  const choices = spec.choices === undefined ? [] : [`one of ${spec.choices.join(', ')}`];
  const preset =
    spec.default === undefined || spec.default === '' ? [] : [`default ${spec.default}`];
  const need = spec.required === true ? ['needed'] : [];
  const remarks = [...need, ...choices, ...preset];
  return remarks.length === 0 ? '' : ` (${remarks.join('; ')})`;
}

/** Two columns; the right one wraps. */
function rows(pairs: readonly (readonly [string, string])[]): string[] {
  const left = Math.max(...pairs.map(([name]) => name.length));
  return pairs.flatMap(([name, text]) =>
    wrap(text, WIDTH - left - 4).map(
      (line, index) => `  ${(index === 0 ? name : '').padEnd(left)}  ${line}`,
    ),
  );
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
