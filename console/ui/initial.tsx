/** The first letter of a name on a tile: a face for what has no picture. */
import { classNames } from './class-names.ts';

export type InitialProps = Readonly<{ name: string; className?: string }>;

export function Initial({ name, className }: InitialProps) {
  return (
    <span
      aria-hidden="true"
      className={classNames(
        'grid shrink-0 place-items-center bg-accent-soft font-semibold text-accent uppercase',
        className ?? 'size-5 rounded-sm text-2xs',
      )}
    >
      {[...name][0]}
    </span>
  );
}
