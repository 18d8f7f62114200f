/** The mark: a wheel whose three spokes are bent by its turning. */
import { classNames } from '../ui/class-names.ts';

export function Mark({ className }: Readonly<{ className?: string }>) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeLinecap="round"
      className={classNames('size-6 shrink-0 text-accent', className)}
    >
      <circle cx="12" cy="12" r="9.6" strokeWidth="2.2" />
      <path
        strokeWidth="1.9"
        d="M12 9.6C12 6.4 13.6 4 16.2 3.2M14.1 13.2C16.9 14.8 18.2 17.4 17.5 20M9.9 13.2C7.1 14.8 4.3 14.6 2.4 12.7"
      />
      <circle cx="12" cy="12" r="2.1" fill="currentColor" stroke="none" />
    </svg>
  );
}
