/**
 * Bars over time, stacked by group, drawn by uPlot. Loaded only by pages that show it. The same
 * numbers stand in a table below each chart; to a screen reader the chart is one labelled figure.
 * Colours are read once: give it another `key` when the theme changes.
 */
import { type RefObject, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

const HEIGHT = 248;
/** Share of a slot that its bar fills, and its widest in pixels. */
const BAR_FILL = 0.62;
const BAR_WIDTH_MAX = 64;
const TOOLTIP_WIDTH = 208;

export type BarSeries = Readonly<{ name: string; color: string; values: readonly number[] }>;

export type StackedBarsProps = Readonly<{
  label: string;
  /** Start of each slot, milliseconds. */
  times: readonly number[];
  series: readonly BarSeries[];
  formatValue: (value: number) => string;
  formatTime: (timeMs: number) => string;
  /** Shorter, for the axis. */
  formatTick: (timeMs: number) => string;
}>;

type Hover = Readonly<{ index: number; left: number }>;

export function StackedBars(props: StackedBarsProps) {
  const { label, times, series, formatValue, formatTime } = props;
  const frame = useRef<HTMLElement>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  const width = useWidth(frame);
  useChart(frame, width, props, setHover);
  const time = hover === null ? undefined : times[hover.index];
  return (
    <div className="relative">
      <figure ref={frame} aria-label={label} style={{ height: HEIGHT }} />
      {hover !== null && time !== undefined && (
        <div
          className="pointer-events-none absolute top-2 z-10 rounded-lg border bg-surface p-2.5 text-xs shadow-pop"
          style={{
            width: TOOLTIP_WIDTH,
            left: Math.min(Math.max(0, hover.left + 14), Math.max(0, width - TOOLTIP_WIDTH)),
          }}
        >
          <p className="mb-1.5 font-medium">{formatTime(time)}</p>
          {series
            .filter(({ values }) => (values[hover.index] ?? 0) > 0)
            .map(({ name, color, values }) => (
              <p key={name} className="flex items-center gap-2 leading-5">
                <span className="size-2 shrink-0 rounded-xs" style={{ background: color }} />
                <span className="min-w-0 flex-1 truncate text-muted">{name}</span>
                <span className="tabular">{formatValue(values[hover.index] ?? 0)}</span>
              </p>
            ))}
        </div>
      )}
    </div>
  );
}

function useWidth(frame: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.floor(entry.contentRect.width));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  return width;
}

function useChart(
  frame: RefObject<HTMLElement | null>,
  width: number,
  props: StackedBarsProps,
  onHover: (hover: Hover | null) => void,
): void {
  const { times, series } = props;
  const data = useMemo(() => stack(times, series), [times, series]);
  const draw = useEffectEvent(
    (element: HTMLElement, size: number, shown: UPlot.AlignedData) =>
      new UPlot(optionsOf(props, size, onHover), shown, element),
  );
  useEffect(() => {
    const element = frame.current;
    if (element === null || width === 0) return undefined;
    const chart = draw(element, width, data);
    return () => {
      onHover(null);
      chart.destroy();
    };
  }, [frame, width, data, onHover]);
}

/** Running sums, the tallest first, so that each bar is drawn in front of the one above it. */
function stack(times: readonly number[], series: readonly BarSeries[]): UPlot.AlignedData {
  const sums = times.map(() => 0);
  const rows = series.map(({ values }) =>
    times.map((_, index) => {
      sums[index] = (sums[index] ?? 0) + (values[index] ?? 0);
      return sums[index];
    }),
  );
  return [times.map((time) => time / 1000), ...rows.toReversed()];
}

function optionsOf(
  props: StackedBarsProps,
  width: number,
  onHover: (hover: Hover | null) => void,
): UPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const color = (value: string): string =>
    value.startsWith('var(') ? style.getPropertyValue(value.slice(4, -1)) : value;
  const font = `11px ${style.getPropertyValue('font-family') || 'sans-serif'}`;
  const axis = { stroke: color('var(--faint)'), font, ticks: { show: false } };
  const bars = UPlot.paths.bars?.({ size: [BAR_FILL, BAR_WIDTH_MAX], radius: 0.04 });
  return {
    width,
    height: HEIGHT,
    padding: [12, 6, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      x: { time: true, range: (_plot, min, max) => rangeOf(props.times, min, max) },
      y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 64,
        size: 30,
        splits: () => props.times.map((time) => time / 1000),
        filter: (_plot, splits) => thin(splits, width),
        values: (_plot, ticks) =>
          ticks.map((tick) => (tick == null ? '' : props.formatTick(tick * 1000))),
      },
      {
        ...axis,
        size: 62,
        gap: 6,
        grid: { stroke: color('var(--line)'), width: 1 },
        values: (_plot, ticks) => ticks.map((tick) => props.formatValue(tick)),
      },
    ],
    series: [
      {},
      ...props.series.toReversed().map((item) => ({
        label: item.name,
        fill: color(item.color),
        width: 0,
        points: { show: false },
        ...(bars === undefined ? {} : { paths: bars }),
      })),
    ],
    hooks: {
      setCursor: [
        ({ cursor }) =>
          onHover(
            cursor.idx == null || (cursor.left ?? -1) < 0
              ? null
              : { index: cursor.idx, left: (cursor.left ?? 0) + 62 },
          ),
      ],
    },
  };
}

/** Half a slot of air at both ends, so that the first and the last bar are whole. */
function rangeOf(times: readonly number[], min: number, max: number): [number, number] {
  const slot = times.length > 1 ? ((times[1] ?? 0) - (times[0] ?? 0)) / 1000 : 3600;
  return [min - slot / 2, max + slot / 2];
}

/** Every label would touch its neighbour: keep as many as fit. */
function thin(splits: readonly number[], width: number): (number | null)[] {
  const step = Math.max(1, Math.ceil((splits.length * 64) / Math.max(1, width)));
  return splits.map((split, index) => (index % step === 0 ? split : null));
}
