/** Bytes to a socket and what comes back: for requests that no HTTP client would send. */
import { type Socket, connect } from 'node:net';

export type RawAnswer = Readonly<{
  /** Of each answer that came, in order. */
  statuses: readonly number[];
  text: string;
}>;

/** Sends `parts` and reads until the server closes, or until `enough` says that the rest is of no interest. */
export function sendRaw(
  url: string,
  parts: readonly (string | Uint8Array)[],
  enough: (answer: RawAnswer) => boolean = ({ statuses }) => statuses.length > 0,
): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = open(url);
    let text = '';
    const answer = (): RawAnswer => ({
      statuses: [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status)),
      text,
    });
    socket.on('data', (part) => {
      text += part.toString('latin1');
      if (enough(answer())) socket.destroy();
    });
    socket.on('close', () => resolve(answer()));
    for (const part of parts) socket.write(part);
  });
}

export function open(url: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  // Being cut off is one of the answers that are looked for.
  socket.on('error', () => {});
  return socket;
}

/** A head with these fields, `host` before them. */
export function head(line: string, fields: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line} HTTP/1.1\r\nhost: gateway\r\n${lines.join('')}\r\n`;
}
