/** E-mail over SMTP. Never rejects: what went wrong is a result, without the server's words. */
import { createTransport } from 'nodemailer';
import { codeOf } from '#platform/error.ts';
import type { Mail } from './mail.ts';

export type Mailed = Readonly<{ kind: 'sent' | 'later' | 'refused'; problem: string | null }>;

export type Mailer = Readonly<{
  /** `id` makes the Message-ID, so that a letter that arrives twice is seen as one. */
  send: (letter: Readonly<{ id: string; to: string; mail: Mail }>) => Promise<Mailed>;
  stop: () => void;
}>;

const CONNECT_TIMEOUT_MS = 10_000;
const SOCKET_TIMEOUT_MS = 20_000;

export function createMailer(options: Readonly<{ url: string; from: string }>): Mailer {
  const transport = createTransport({
    url: options.url,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    send: async ({ id, to, mail }) => {
      const { subject, text, html } = mail;
      const messageId = `<${id}@flywheel>`;
      try {
        await transport.sendMail({ from: options.from, to, subject, text, html, messageId });
        return { kind: 'sent', problem: null };
      } catch (error) {
        const status = statusOf(error);
        // RFC 5321: what begins with 5 will not change by being sent again.
        if (status !== null && status >= 500) return { kind: 'refused', problem: `smtp ${status}` };
        return {
          kind: 'later',
          problem: status === null ? (codeOf(error) ?? 'unreachable') : `smtp ${status}`,
        };
      }
    },
    stop: () => transport.close(),
  };
}

function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('responseCode' in error)) return null;
  return typeof error.responseCode === 'number' ? error.responseCode : null;
}
