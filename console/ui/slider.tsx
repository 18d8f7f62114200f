/** A number in a range, by dragging, by arrow keys or by typing. */
import { Slider as BaseSlider } from '@base-ui/react/slider';

export type SliderProps = Readonly<{
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  onChange: (value: number) => void;
}>;

export function Slider({ label, value, min, max, step, onChange }: SliderProps) {
  return (
    <BaseSlider.Root
      value={value}
      min={min}
      max={max}
      step={step}
      onValueChange={(next) => onChange(typeof next === 'number' ? next : (next[0] ?? min))}
      className="grid grid-cols-[1fr_auto] items-center gap-y-1"
    >
      <BaseSlider.Label className="text-sm font-medium">{label}</BaseSlider.Label>
      <BaseSlider.Value className="font-mono text-xs text-muted tabular" />
      <BaseSlider.Control className="col-span-2 flex h-5 items-center">
        <BaseSlider.Track className="h-1 w-full rounded-full bg-hover">
          <BaseSlider.Indicator className="rounded-full bg-accent-line" />
          <BaseSlider.Thumb className="size-3.5 rounded-full border border-line-strong bg-knob shadow-sm has-focus-visible:outline-2 has-focus-visible:outline-accent-line" />
        </BaseSlider.Track>
      </BaseSlider.Control>
    </BaseSlider.Root>
  );
}
