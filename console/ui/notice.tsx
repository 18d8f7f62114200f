/** What stands where content would be: an empty state with the next action, or an error with a retry. */
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';
import type { Icon } from './icons.tsx';
import { AlertIcon, CheckIcon, InfoIcon } from './icons.tsx';

export type EmptyProps = Readonly<{
  icon: Icon;
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}>;

export function Empty({ icon: EmptyIcon, title, children, action }: EmptyProps) {
  return (
    <div className="flex flex-col items-center px-6 py-14 text-center">
      <span className="mb-4 grid size-11 place-items-center rounded-xl border bg-inset text-muted">
        <EmptyIcon className="size-5" />
      </span>
      <h3 className="text-base font-semibold">{title}</h3>
      {children !== undefined && <p className="mt-1 max-w-sm text-sm text-muted">{children}</p>}
      {action !== undefined && (
        <div className="mt-5 flex flex-wrap justify-center gap-2">{action}</div>
      )}
    </div>
  );
}

export type BannerProps = Readonly<{
  tone: 'bad' | 'warn' | 'info' | 'good';
  title?: ReactNode;
  children: ReactNode;
  action?: ReactNode;
}>;

const BANNERS: Readonly<Record<BannerProps['tone'], string>> = {
  bad: 'bg-bad-soft text-bad',
  warn: 'bg-warn-soft text-warn',
  info: 'bg-info-soft text-info',
  good: 'bg-good-soft text-good',
};

const ICONS: Readonly<Record<BannerProps['tone'], Icon>> = {
  bad: AlertIcon,
  warn: AlertIcon,
  info: InfoIcon,
  good: CheckIcon,
};

export function Banner({ tone, title, children, action }: BannerProps) {
  const BannerIcon = ICONS[tone];
  return (
    <div
      role={tone === 'bad' ? 'alert' : 'status'}
      className={classNames(
        'flex items-start gap-2.5 rounded-lg px-3.5 py-3 text-sm',
        BANNERS[tone],
      )}
    >
      <BannerIcon className="mt-0.5" />
      <div className="min-w-0 flex-1">
        {title !== undefined && <p className="font-medium">{title}</p>}
        <div className={classNames(title !== undefined && 'text-ink/85')}>{children}</div>
      </div>
      {action}
    </div>
  );
}
