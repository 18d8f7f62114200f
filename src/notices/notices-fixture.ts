/** For tests: a vault in a folder of its own, a receiver of webhooks and a mail server, both real. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { SMTPServer } from 'smtp-server';
import type { Database } from '#platform/database.ts';
import { listen } from '#platform/http.ts';
import { createMasterKeys } from '#vault/master-keys.ts';
import { type Vault, createVault } from '#vault/vault.ts';

export async function createTestVault(database: Database): Promise<Vault> {
  const home = await mkdtemp(join(tmpdir(), 'flywheel-notices-'));
  after(() => rm(home, { recursive: true, force: true }));
  const masterKeys = createMasterKeys({ file: join(home, 'keys.json'), configured: null });
  return createVault({ database, masterKeys });
}

export type Received = Readonly<{
  id: string;
  timestamp: string;
  signature: string;
  /** Of webhooks that watch repositories. */
  secret: string;
  body: string;
}>;

export type Receiver = Readonly<{
  url: string;
  received: Received[];
  /** What it answers from now on. */
  answer: (status: number) => void;
}>;

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let status = 204;
  const server = createServer((incoming, outgoing) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      const header = (name: string): string => String(incoming.headers[name] ?? '');
      received.push({
        id: header('webhook-id'),
        timestamp: header('webhook-timestamp'),
        signature: header('webhook-signature'),
        secret: header('x-webhook-secret'),
        body: Buffer.concat(parts).toString('utf8'),
      });
      outgoing.writeHead(status, status === 302 ? { location: 'http://127.0.0.1:9/' } : {}).end();
    });
  });
  const { url, stop } = await listen(server, { host: '127.0.0.1', port: 0 });
  after(() => stop(0));
  return {
    url,
    received,
    answer: (next) => {
      status = next;
    },
  };
}

export type MailServer = Readonly<{
  url: string;
  letters: { to: string[]; text: string }[];
  /** What it says to a recipient from now on; null takes letters. */
  refuse: (status: number | null) => void;
}>;

export async function startMailServer(): Promise<MailServer> {
  const letters: { to: string[]; text: string }[] = [];
  let refusal: number | null = null;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onRcptTo: (_address, _session, callback) => {
      if (refusal === null) return callback();
      return callback(Object.assign(new Error('no'), { responseCode: refusal }));
    },
    onData: (stream, session, callback) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        letters.push({ to, text: Buffer.concat(parts).toString('utf8') });
        callback();
      });
    },
  });
  const port = await new Promise<number>((resolve) => {
    const listening = server.listen(0, '127.0.0.1', () => {
      const address = listening.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  after(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return {
    url: `smtp://127.0.0.1:${port}`,
    letters,
    refuse: (status) => {
      refusal = status;
    },
  };
}
