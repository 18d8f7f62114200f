/** The wheel between its six numbers, in the order in which each drives the next. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Overview } from '../cloud.ts';
import { type Format, useFormat } from '../format/format.ts';
import { Card } from '../ui/card.tsx';
import { classNames } from '../ui/class-names.ts';
import { BoltIcon, CoinIcon, ModelIcon, PeopleIcon, ServerIcon, TokenIcon } from '../ui/icons.tsx';
import { Wheel } from './wheel.tsx';

const STATIONS = [
  {
    icon: ModelIcon,
    label: 'wheel.models',
    effect: 'wheel.modelsEffect',
    to: '/models',
    place: 'lg:col-start-3 lg:row-start-1',
  },
  {
    icon: PeopleIcon,
    label: 'wheel.developers',
    effect: 'wheel.developersEffect',
    to: '/keys',
    place: 'lg:col-start-3 lg:row-start-2',
  },
  {
    icon: BoltIcon,
    label: 'wheel.calls',
    effect: 'wheel.callsEffect',
    to: '/usage',
    place: 'lg:col-start-3 lg:row-start-3',
  },
  {
    icon: TokenIcon,
    label: 'wheel.tokens',
    effect: 'wheel.tokensEffect',
    to: '/usage',
    place: 'lg:col-start-1 lg:row-start-3',
  },
  {
    icon: CoinIcon,
    label: 'wheel.revenue',
    effect: 'wheel.revenueEffect',
    to: '/usage',
    place: 'lg:col-start-1 lg:row-start-2',
  },
  {
    icon: ServerIcon,
    label: 'wheel.machines',
    effect: 'wheel.machinesEffect',
    to: '/deployments',
    place: 'lg:col-start-1 lg:row-start-1',
  },
] as const;

const ICONS = STATIONS.map(({ icon }) => icon);

export function WheelCard({ overview }: Readonly<{ overview: Overview }>) {
  const format = useFormat();
  const values = stationValues(overview, format);
  return (
    <Card className="overflow-hidden" isFlush>
      <div className="grid grid-cols-2 items-center gap-x-4 px-5 py-5 sm:grid-cols-3 lg:grid-cols-[1fr_minmax(0,23.5rem)_1fr] lg:grid-rows-3 lg:gap-x-1 lg:py-4">
        <div className="col-span-full mx-auto w-full max-w-[21rem] lg:col-span-1 lg:col-start-2 lg:row-span-3 lg:row-start-1 lg:max-w-none">
          <Wheel overview={overview} icons={ICONS} />
        </div>
        {STATIONS.map((station, index) => (
          <StationNumber key={station.label} station={station} value={values[index] ?? ''} />
        ))}
      </div>
    </Card>
  );
}

type StationNumberProps = Readonly<{ station: (typeof STATIONS)[number]; value: string }>;

function StationNumber({ station, value }: StationNumberProps) {
  const { t } = useTranslation();
  const isLeft = station.place.includes('col-start-1');
  return (
    <Link
      to={station.to}
      className={classNames(
        'group min-w-0 rounded-lg px-3 py-2.5 hover:bg-inset',
        station.place,
        isLeft && 'lg:text-right',
      )}
    >
      <span
        className={classNames(
          'flex items-center gap-1.5 text-sm text-muted',
          isLeft && 'lg:flex-row-reverse',
        )}
      >
        <station.icon className="text-accent lg:hidden" />
        {t(station.label)}
      </span>
      <span
        key={value}
        className="page-enter block text-2xl leading-8 font-semibold tracking-tight tabular"
        data-station={station.label}
      >
        {value}
      </span>
      <span className="block text-xs text-faint">{t(station.effect)}</span>
    </Link>
  );
}

function stationValues(overview: Overview, format: Format): readonly string[] {
  return [
    format.number(overview.models),
    format.number(overview.developers),
    format.compact(overview.calls),
    format.compact(overview.tokens),
    format.moneyShort(overview.revenue, overview.currency),
    format.number(overview.machines),
  ];
}
