/** How far along something is, 0 to 1; null when nobody knows. */
import { Progress } from '@base-ui/react/progress';
import { classNames } from './class-names.ts';

export type ProgressBarProps = Readonly<{ label: string; value: number | null }>;

export function ProgressBar({ label, value }: ProgressBarProps) {
  const percent = value === null ? null : Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <Progress.Root aria-label={label} value={percent}>
      <Progress.Track className="h-1.5 w-full overflow-hidden rounded-full bg-hover">
        <Progress.Indicator
          className={classNames(
            'h-full rounded-full bg-accent-line transition-[width] duration-500',
            percent === null && 'skeleton w-1/3!',
          )}
        />
      </Progress.Track>
    </Progress.Root>
  );
}
