/** A few choices side by side, one of them taken: a range, a view, a language. */
import { Toggle } from '@base-ui/react/toggle';
import { ToggleGroup } from '@base-ui/react/toggle-group';
import type { ReactNode } from 'react';

export type SegmentedProps<Value extends string> = Readonly<{
  label: string;
  value: Value;
  choices: readonly Readonly<{ value: Value; label: ReactNode }>[];
  onChange: (value: Value) => void;
}>;

export function Segmented<Value extends string>(props: SegmentedProps<Value>) {
  return (
    <ToggleGroup
      aria-label={props.label}
      value={[props.value]}
      onValueChange={(values: readonly Value[]) => {
        const [value] = values;
        if (value !== undefined) props.onChange(value);
      }}
      className="inline-flex rounded-md border border-line-strong bg-inset p-0.5"
    >
      {props.choices.map((choice) => (
        <Toggle
          key={choice.value}
          value={choice.value}
          className="inline-flex h-6.5 items-center gap-1.5 rounded-sm px-2.5 text-xs font-medium text-muted hover:text-ink data-pressed:bg-surface data-pressed:text-ink data-pressed:shadow-[0_0_0_1px_var(--line),0_1px_2px_oklch(0_0_0/0.06)]"
        >
          {choice.label}
        </Toggle>
      ))}
    </ToggleGroup>
  );
}
