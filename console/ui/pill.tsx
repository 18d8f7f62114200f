/** A state or a fact in a word: a dot that carries the tone and a label that carries the meaning. */
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'quiet';

const TONES: Readonly<Record<Tone, string>> = {
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  info: 'bg-info-soft text-info',
  quiet: 'bg-hover text-muted',
};

export type PillProps = Readonly<{
  tone: Tone;
  children: ReactNode;
  /** A breathing dot, for states that will change by themselves. */
  isLive?: boolean;
}>;

export function Pill({ tone, children, isLive }: PillProps) {
  return (
    <span
      className={classNames(
        'inline-flex h-5.5 items-center gap-1.5 rounded-full px-2 text-xs font-medium whitespace-nowrap',
        TONES[tone],
      )}
    >
      <span
        aria-hidden="true"
        className={classNames('size-1.5 rounded-full bg-current', isLive === true && 'skeleton')}
      />
      {children}
    </span>
  );
}

/** A plain fact: a tag, a format, a role. */
export function Tag({ children }: Readonly<{ children: ReactNode }>) {
  return (
    <span className="inline-flex h-5.5 items-center gap-1 rounded-sm border bg-inset px-1.5 text-xs whitespace-nowrap text-muted">
      {children}
    </span>
  );
}
