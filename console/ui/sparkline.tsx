/** A small line without axes: the shape of the last hours. */
import { useId } from 'react';

const WIDTH = 300;
const HEIGHT = 72;
/** Room for the stroke at the top and the bottom. */
const INSET = 4;

export type SparklineProps = Readonly<{ label: string; values: readonly number[] }>;

export function Sparkline({ label, values }: SparklineProps) {
  const gradient = useId();
  const line = linePath(values);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="block h-18 w-full overflow-visible"
    >
      <defs>
        <linearGradient id={gradient} x1="0" x2="0" y1="0" y2="1">
          <stop offset="0" stopColor="var(--accent-line)" stopOpacity="0.24" />
          <stop offset="1" stopColor="var(--accent-line)" stopOpacity="0" />
        </linearGradient>
      </defs>
      <path d={`${line} V ${HEIGHT} H 0 Z`} fill={`url(#${gradient})`} />
      <path
        d={line}
        fill="none"
        stroke="var(--accent-line)"
        strokeWidth="1.75"
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}

function linePath(values: readonly number[]): string {
  const max = Math.max(1, ...values);
  const step = WIDTH / Math.max(1, values.length - 1);
  const height = HEIGHT - 2 * INSET;
  return values
    .map((value, index) => {
      const y = INSET + height * (1 - value / max);
      return `${index === 0 ? 'M' : 'L'} ${(index * step).toFixed(1)} ${y.toFixed(1)}`;
    })
    .join(' ');
}
