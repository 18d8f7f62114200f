/** A list of choices, one of them taken. */
import { Select as BaseSelect } from '@base-ui/react/select';
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { CheckIcon, UpDownIcon } from './icons.tsx';
import { buttonClass } from './button.tsx';

export type Choice<Value extends string> = Readonly<{
  value: Value;
  label: string;
  detail?: ReactNode;
}>;

export type SelectProps<Value extends string> = Readonly<{
  label: string;
  value: Value;
  choices: readonly Choice<Value>[];
  onChange: (value: Value) => void;
  id?: string;
  size?: 'sm' | 'md';
  className?: string;
  placeholder?: string;
  isDisabled?: boolean;
}>;

export function Select<Value extends string>(props: SelectProps<Value>) {
  const { label, value, choices, onChange, id, size, className, placeholder, isDisabled } = props;
  return (
    <BaseSelect.Root
      items={[...choices]}
      value={value}
      disabled={isDisabled ?? false}
      onValueChange={(next: Value | null) => {
        if (next !== null) onChange(next);
      }}
    >
      <BaseSelect.Trigger
        id={id}
        aria-label={id === undefined ? label : undefined}
        className={classNames(
          buttonClass('secondary', size),
          'justify-between! font-normal!',
          className,
        )}
      >
        <span className="truncate">
          <BaseSelect.Value placeholder={placeholder} />
        </span>
        <UpDownIcon className="-mr-1 text-faint" />
      </BaseSelect.Trigger>
      <BaseSelect.Portal>
        <BaseSelect.Positioner sideOffset={5} alignItemWithTrigger={false} className="z-50">
          <BaseSelect.Popup className="pop max-h-[min(24rem,var(--available-height))] min-w-[max(10rem,var(--anchor-width))] max-w-[min(28rem,calc(100vw-1rem))] overflow-y-auto rounded-lg border bg-surface p-1 shadow-pop outline-none">
            {choices.map((choice) => (
              <SelectItem key={choice.value} choice={choice} />
            ))}
          </BaseSelect.Popup>
        </BaseSelect.Positioner>
      </BaseSelect.Portal>
    </BaseSelect.Root>
  );
}

function SelectItem({ choice }: Readonly<{ choice: Choice<string> }>) {
  return (
    <BaseSelect.Item
      value={choice.value}
      className="flex cursor-default items-center gap-3 rounded-md px-2.5 py-1.5 text-sm outline-none select-none data-highlighted:bg-hover"
    >
      <BaseSelect.ItemText className="min-w-0 flex-1 truncate">{choice.label}</BaseSelect.ItemText>
      {choice.detail !== undefined && <span className="text-xs text-faint">{choice.detail}</span>}
      <span className="w-4">
        <BaseSelect.ItemIndicator>
          <CheckIcon className="text-accent" />
        </BaseSelect.ItemIndicator>
      </span>
    </BaseSelect.Item>
  );
}
