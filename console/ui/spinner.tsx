/** Shows that something is under way; the control around it says what. */
import { classNames } from './class-names.ts';

export function Spinner({ className }: Readonly<{ className?: string }>) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 20 20"
      className={classNames('size-4 shrink-0 turning', className)}
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
    >
      <circle cx="10" cy="10" r="7" opacity="0.22" />
      <path d="M10 3a7 7 0 0 1 7 7" />
    </svg>
  );
}
