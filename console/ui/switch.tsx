/** On or off, with its name beside it. */
import { Switch as BaseSwitch } from '@base-ui/react/switch';
import { useId } from 'react';
import type { ReactNode } from 'react';

export type SwitchProps = Readonly<{
  label: ReactNode;
  hint?: ReactNode;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}>;

export function Switch({ label, hint, isOn, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className="flex items-start justify-between gap-3">
      <div className="min-w-0">
        <div id={id} className="text-sm font-medium">
          {label}
        </div>
        {hint !== undefined && <p className="text-xs text-muted">{hint}</p>}
      </div>
      <BaseSwitch.Root
        aria-labelledby={id}
        checked={isOn}
        onCheckedChange={onChange}
        className="mt-0.5 flex h-5 w-8.5 shrink-0 rounded-full bg-line-strong p-0.5 transition-colors data-checked:bg-accent-line"
      >
        <BaseSwitch.Thumb className="size-4 rounded-full bg-knob shadow-sm transition-transform data-checked:translate-x-3.5" />
      </BaseSwitch.Root>
    </div>
  );
}
