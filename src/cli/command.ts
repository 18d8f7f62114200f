/**
 * A command is a value: its words, what it takes, and a handler. Parsing, help, errors and exit codes
 * come from this data alone, so that a new command is one `defineCommand` in commands/.
 */
import type { Client } from '#client/client.ts';
import type { Settings } from '#platform/config.ts';
import type { Terminal } from './terminal.ts';

export type ArgumentSpec = Readonly<{
  name: string;
  summary: string;
  kind: 'required' | 'optional' | 'rest';
}>;

export type OptionSpec = Readonly<{
  type: 'string' | 'number' | 'boolean' | 'list';
  summary: string;
  /** What stands for the value in help, such as `NAME`. */
  value?: string;
  short?: string;
  choices?: readonly string[];
  default?: string | number;
  required?: true;
}>;

type OneValue<Spec extends OptionSpec> = Spec extends { type: 'number' }
  ? number
  : Spec extends { choices: readonly (infer Choice)[] }
    ? Choice
    : string;

type OptionValue<Spec extends OptionSpec> = Spec extends { type: 'boolean' }
  ? boolean
  : Spec extends { type: 'list' }
    ? readonly string[]
    : Spec extends { default: string | number } | { required: true }
      ? OneValue<Spec>
      : OneValue<Spec> | undefined;

type ArgumentValue<Spec extends ArgumentSpec> = Spec['kind'] extends 'rest'
  ? readonly string[]
  : Spec['kind'] extends 'required'
    ? string
    : string | undefined;

export type Input<
  Arguments extends readonly ArgumentSpec[],
  Options extends Readonly<Record<string, OptionSpec>>,
> = Readonly<{
  arguments: { readonly [Spec in Arguments[number] as Spec['name']]: ArgumentValue<Spec> };
  options: { readonly [Name in keyof Options]: OptionValue<Options[Name]> };
}>;

/** What every handler is given besides its own input. */
export type Context = Readonly<{
  terminal: Terminal;
  /** `--json`: the result goes to standard output as JSON, and nothing else does. */
  isJson: boolean;
  /** Reads and checks the environment when it is first asked for. */
  settings: () => Settings;
  /** The client for the address and key in force. */
  connect: () => Promise<Client>;
  /** Aborts on the first Ctrl-C from when it is first asked for; the second ends the process. */
  interrupted: () => AbortSignal;
}>;

type Definition<
  Arguments extends readonly ArgumentSpec[],
  Options extends Readonly<Record<string, OptionSpec>>,
> = Readonly<{
  /** `['model', 'import']`: what is typed, a noun and mostly a verb. */
  words: readonly [string, ...string[]];
  summary: string;
  /** More than one line, for the command's own help. */
  details?: string;
  arguments: Arguments;
  options: Options;
  examples?: readonly string[];
}> & {
  /** Returns the exit code where it is not 0. */
  run(input: Input<Arguments, Options>, context: Context): Promise<number | void>;
};

export type AnyOptions = Readonly<Record<string, OptionSpec>>;

/** A command whose input is checked against its data while it runs. */
export type Command = Omit<Definition<readonly ArgumentSpec[], AnyOptions>, 'run'> & {
  run(input: ParsedInput, context: Context): Promise<number | void>;
};

export type ParsedValue = string | number | boolean | readonly string[] | undefined;

export type ParsedInput = Readonly<{
  arguments: Readonly<Record<string, ParsedValue>>;
  options: Readonly<Record<string, ParsedValue>>;
}>;

/** Checks the handler's use of its input against the data, then forgets the precise types. */
export function defineCommand<
  const Arguments extends readonly ArgumentSpec[],
  const Options extends AnyOptions,
>(definition: Definition<Arguments, Options>): Command {
  return definition;
}
