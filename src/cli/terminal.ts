/**
 * The two streams a command writes to. Results go to standard output, everything else (progress,
 * notes, errors) to standard error, so that a pipe gets only the result. Colours appear only on a
 * terminal that has them; Node reads NO_COLOR, FORCE_COLOR and TERM for that.
 */
import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

type Output = NodeJS.WritableStream &
  Partial<Pick<NodeJS.WriteStream, 'isTTY' | 'hasColors' | 'columns'>>;

export type Channel = Readonly<{
  write: (text: string) => void;
  line: (text: string) => void;
  style: (style: Style, text: string) => string;
  isTerminal: boolean;
  columns: number;
}>;

export type Terminal = Readonly<{
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  /** Where questions are asked. */
  prompt: NodeJS.WritableStream;
  /** The result. */
  out: Channel;
  /** Everything else. */
  notes: Channel;
}>;

/** What most terminals have, where one does not say. */
const COLUMNS_DEFAULT = 80;

export function createTerminal(streams: {
  stdin: Terminal['input'];
  stdout: Output;
  stderr: Output;
}): Terminal {
  return {
    input: streams.stdin,
    prompt: streams.stderr,
    out: createChannel(streams.stdout),
    notes: createChannel(streams.stderr),
  };
}

function createChannel(output: Output): Channel {
  const isTerminal = output.isTTY === true;
  const hasColours = isTerminal && (output.hasColors?.() ?? false);
  const write = (text: string): void => {
    output.write(text);
  };
  return {
    write,
    line: (text) => write(`${text}\n`),
    style: (style, text) => (hasColours ? styleText(style, text, { validateStream: false }) : text),
    isTerminal,
    columns: output.columns ?? COLUMNS_DEFAULT,
  };
}
