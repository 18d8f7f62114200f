/** Form controls with their label, hint and error tied together for every reader. */
import { useId } from 'react';
import type { ComponentProps, ReactNode } from 'react';
import { classNames } from './class-names.ts';

/** A decimal, never a number: the ledger keeps twelve places. */
export const DECIMAL_PATTERN = String.raw`\d{1,12}(\.\d{1,12})?`;

export const INPUT_CLASS = classNames(
  'w-full rounded-md border border-line-strong bg-surface px-3 text-sm text-ink',
  'focus-visible:border-accent-line focus-visible:outline-offset-0',
  'disabled:opacity-50 aria-invalid:border-bad',
);

type FieldParts = Readonly<{ label: ReactNode; hint?: ReactNode; error?: string | null }>;

type FieldProps = FieldParts &
  Readonly<{ id: string; children: ReactNode; className?: string | undefined }>;

export function Field({ id, label, hint, error, className, children }: FieldProps) {
  return (
    <div className={classNames('flex min-w-0 flex-col gap-1.5', className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children}
      {hint !== undefined && (error ?? null) === null && (
        <p id={`${id}-hint`} className="text-xs text-muted">
          {hint}
        </p>
      )}
      {(error ?? null) !== null && (
        <p id={`${id}-hint`} role="alert" className="text-xs text-bad">
          {error}
        </p>
      )}
    </div>
  );
}

export type TextFieldProps = Omit<ComponentProps<'input'>, 'id'> & FieldParts;

export function TextField({ label, hint, error, className, ...rest }: TextFieldProps) {
  const id = useId();
  return (
    <Field id={id} label={label} hint={hint} error={error ?? null} className={className}>
      <input
        {...rest}
        id={id}
        aria-describedby={hint !== undefined || (error ?? null) !== null ? `${id}-hint` : undefined}
        aria-invalid={(error ?? null) !== null ? true : undefined}
        className={classNames(INPUT_CLASS, 'h-9')}
      />
    </Field>
  );
}

export type TextAreaFieldProps = Omit<ComponentProps<'textarea'>, 'id'> & FieldParts;

export function TextAreaField({ label, hint, error, className, ...rest }: TextAreaFieldProps) {
  const id = useId();
  return (
    <Field id={id} label={label} hint={hint} error={error ?? null} className={className}>
      <textarea
        {...rest}
        id={id}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        className={classNames(INPUT_CLASS, 'min-h-20 resize-y py-2')}
      />
    </Field>
  );
}
