/**
 * The flywheel, drawn: six stations on a rim, the flow between them, and at the hub what it is all
 * for, the price of a million tokens. It turns faster when the cloud is used more.
 */
import { useTranslation } from 'react-i18next';
import type { Overview } from '../cloud.ts';
import { averagePerMillion } from '../format/money.ts';
import { useFormat } from '../format/format.ts';
import type { Icon } from '../ui/icons.tsx';

const CENTER = 200;
const RADIUS = 150;
const STATION_RADIUS = 25;
const STATIONS = 6;
/** One turn in seconds: asleep, and at full speed. */
const TURN_SLOW_S = 60;
const TURN_FAST_S = 8;
/** Calls in the current hour at which the wheel has full speed. */
const CALLS_FULL_SPEED = 500;

/** Degrees clockwise from the top. The first station stands at one o'clock: the price drop is at twelve. */
const angleOf = (station: number): number => 30 + (360 / STATIONS) * station;

export type WheelProps = Readonly<{ overview: Overview; icons: readonly Icon[] }>;

export function Wheel({ overview, icons }: WheelProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const price = averagePerMillion(overview.revenue, overview.tokens);
  return (
    <svg viewBox="0 0 400 400" role="img" aria-label={t('wheel.label')} className="w-full">
      <circle
        cx={CENTER}
        cy={CENTER}
        r={RADIUS}
        fill="none"
        stroke="var(--hover)"
        strokeWidth="12"
      />
      <Flow turnSeconds={turnSeconds(overview)} />
      {icons.map((_, station) => (
        <Arrow key={station} angle={angleOf(station) + 30} />
      ))}
      {icons.map((StationIcon, station) => (
        <Station key={station} angle={angleOf(station)} icon={StationIcon} />
      ))}
      <text x={CENTER} y="31" textAnchor="middle" className="fill-faint text-[12px]">
        {t('wheel.lowerPrice')}
      </text>
      <circle cx={CENTER} cy={CENTER} r="64" fill="var(--surface)" stroke="var(--line)" />
      <text x={CENTER} y={CENTER - 22} textAnchor="middle" className="fill-faint text-[12px]">
        {t('wheel.price')}
      </text>
      <text
        x={CENTER}
        y={CENTER + 6}
        textAnchor="middle"
        className="fill-ink text-[22px] font-semibold tracking-tight tabular"
      >
        {price === null ? '—' : format.moneyShort(price, overview.currency)}
      </text>
      <text x={CENTER} y={CENTER + 27} textAnchor="middle" className="fill-faint text-[12px]">
        {t('wheel.perMillion')}
      </text>
    </svg>
  );
}

/** The bent spokes and the particles on the rim: the part that turns. */
function Flow({ turnSeconds }: Readonly<{ turnSeconds: number }>) {
  const length = 2 * Math.PI * RADIUS;
  const dash = length / 36;
  return (
    <g className="turning" style={{ '--turn-time': `${turnSeconds}s` }}>
      <circle
        cx={CENTER}
        cy={CENTER}
        r={RADIUS}
        fill="none"
        stroke="var(--accent-line)"
        strokeOpacity="0.9"
        strokeWidth="2.5"
        strokeLinecap="round"
        strokeDasharray={`${dash * 0.5} ${dash * 0.5}`}
      />
      {Array.from({ length: STATIONS }, (_, spoke) => (
        <path
          key={spoke}
          d={`M ${CENTER} ${CENTER - 64} C ${CENTER} ${CENTER - 96} ${CENTER + 18} ${CENTER - 122} ${CENTER + 46} ${CENTER - 136}`}
          transform={`rotate(${60 * spoke} ${CENTER} ${CENTER})`}
          fill="none"
          stroke="var(--line-strong)"
          strokeWidth="1.5"
        />
      ))}
    </g>
  );
}

function Station({ angle, icon: StationIcon }: Readonly<{ angle: number; icon: Icon }>) {
  const { x, y } = pointAt(angle);
  return (
    <g transform={`translate(${x} ${y})`}>
      <circle r={STATION_RADIUS + 5} fill="var(--surface)" />
      <circle
        r={STATION_RADIUS}
        fill="var(--accent-soft)"
        stroke="var(--accent-line)"
        strokeOpacity="0.55"
      />
      <svg
        aria-hidden="true"
        x="-11"
        y="-11"
        width="22"
        height="22"
        viewBox="0 0 22 22"
        className="text-accent"
      >
        <StationIcon className="size-5.5" />
      </svg>
    </g>
  );
}

function Arrow({ angle }: Readonly<{ angle: number }>) {
  const { x, y } = pointAt(angle);
  return (
    <g transform={`translate(${x} ${y}) rotate(${angle})`}>
      <circle r="11" fill="var(--surface)" />
      <path
        d="M-3.5 -5 L 2.5 0 L -3.5 5"
        fill="none"
        stroke="var(--accent)"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </g>
  );
}

function pointAt(angle: number): { x: number; y: number } {
  const radians = (angle * Math.PI) / 180;
  return { x: CENTER + RADIUS * Math.sin(radians), y: CENTER - RADIUS * Math.cos(radians) };
}

function turnSeconds(overview: Overview): number {
  const calls = overview.hours.at(-1)?.calls ?? 0;
  const speed = Math.min(1, Math.log1p(calls) / Math.log1p(CALLS_FULL_SPEED));
  // Whole steps: a speed that changes with every call would make the wheel jump.
  return TURN_SLOW_S - Math.round(speed * 4) * ((TURN_SLOW_S - TURN_FAST_S) / 4);
}
