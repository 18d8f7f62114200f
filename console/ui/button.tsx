/** Buttons. `buttonClass` gives the same looks to links. */
import type { ComponentProps } from 'react';
import { classNames } from './class-names.ts';
import { Spinner } from './spinner.tsx';
import { Tip } from './tooltip.tsx';

export type ButtonVariant = 'primary' | 'secondary' | 'ghost' | 'danger';
export type ButtonSize = 'sm' | 'md';

const VARIANTS: Readonly<Record<ButtonVariant, string>> = {
  primary: 'bg-ink text-canvas hover:opacity-88 border border-transparent',
  secondary: 'bg-surface text-ink border border-line-strong hover:bg-hover',
  ghost: 'text-muted hover:text-ink hover:bg-hover border border-transparent',
  danger: 'bg-surface text-bad border border-line-strong hover:bg-bad-soft hover:border-bad',
};

const SIZES: Readonly<Record<ButtonSize, string>> = {
  sm: 'h-7 px-2.5 text-xs gap-1.5',
  md: 'h-9 px-3.5 text-sm gap-2',
};

export function buttonClass(variant: ButtonVariant = 'secondary', size: ButtonSize = 'md'): string {
  return classNames(
    'inline-flex items-center justify-center rounded-md font-medium whitespace-nowrap select-none',
    'transition-[background-color,border-color,opacity,color] duration-100',
    'disabled:opacity-45 disabled:pointer-events-none aria-disabled:opacity-45',
    VARIANTS[variant],
    SIZES[size],
  );
}

export type ButtonProps = ComponentProps<'button'> &
  Readonly<{ variant?: ButtonVariant; size?: ButtonSize; isBusy?: boolean }>;

export function Button({ variant, size, isBusy, className, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled === true || isBusy === true}
      aria-busy={isBusy === true ? true : undefined}
      className={classNames(buttonClass(variant, size), className)}
    >
      {isBusy === true && <Spinner />}
      {children}
    </button>
  );
}

export type IconButtonProps = Omit<ComponentProps<'button'>, 'aria-label'> &
  Readonly<{ label: string; variant?: ButtonVariant; size?: ButtonSize }>;

/** A button that is only an icon: `label` is its name and its tooltip. */
export function IconButton({
  label,
  variant,
  size,
  className,
  children,
  ...rest
}: IconButtonProps) {
  return (
    <Tip text={label}>
      <button
        type="button"
        {...rest}
        aria-label={label}
        className={classNames(
          buttonClass(variant ?? 'ghost', size),
          size === 'sm' ? 'w-7 px-0!' : 'w-9 px-0!',
          className,
        )}
      >
        {children}
      </button>
    </Tip>
  );
}
