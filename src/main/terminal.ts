/** What `flywheel up` says: short lines while it starts, one banner, one line per event after that. */
import type { SignIn } from './options.ts';

export type Terminal = Readonly<{
  /** One step of the start, with the time since it began. */
  step: (text: string) => void;
  note: (text: string) => void;
  warn: (text: string) => void;
  banner: (facts: BannerFacts) => void;
}>;

export type BannerFacts = Readonly<{
  url: string;
  signIn: SignIn | null;
  /** A model that answers; null when none is deployed yet. */
  model: string | null;
  home: string;
}>;

type Output = Readonly<{ write: (text: string) => unknown; isTTY?: boolean }>;

export function createTerminal(output: Output, startedAtMs: number): Terminal {
  const style = (code: number, text: string): string =>
    output.isTTY === true ? `\u001B[${code}m${text}\u001B[0m` : text;
  const seconds = (): string => `${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`;
  const say = (line: string): void => {
    output.write(`${line}\n`);
  };
  return {
    step: (text) => say(`  ${style(32, '✓')} ${text.padEnd(44)} ${style(2, seconds())}`),
    note: (text) => say(`  ${style(2, '·')} ${text}`),
    warn: (text) => say(`  ${style(33, '!')} ${text}`),
    banner: (facts) => bannerLines(facts).forEach((line) => say(line)),
  };
}

export function bannerLines({ url, signIn, model, home }: BannerFacts): string[] {
  const lines = ['', `  Flywheel is ready:  ${url}`, ''];
  if (signIn !== null) {
    lines.push(
      `  Sign in   ${signIn.email}`,
      `  Password  ${signIn.password}`,
      `  API key   ${signIn.apiKey}`,
      '',
      ...curlLines(url, signIn.apiKey, model),
      '',
    );
  }
  lines.push(`  Everything is kept in ${home}. Ctrl-C stops it.`, '');
  return lines;
}

function curlLines(url: string, apiKey: string, model: string | null): string[] {
  if (model === null) {
    return [`  curl ${url}/v1/models -H "Authorization: Bearer ${apiKey}"`];
  }
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello!' }] });
  return [
    `  curl ${url}/v1/chat/completions -H "Authorization: Bearer ${apiKey}" \\`,
    `    -H "Content-Type: application/json" -d '${body}'`,
  ];
}
