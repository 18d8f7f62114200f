/** A menu of actions or of one choice, opened by any button. */
import { Menu as BaseMenu } from '@base-ui/react/menu';
import type { ReactElement, ReactNode } from 'react';
import { CheckIcon } from './icons.tsx';

const ITEM_CLASS =
  'flex cursor-default items-center gap-2.5 rounded-md px-2.5 py-1.5 text-sm outline-none select-none data-highlighted:bg-hover data-disabled:opacity-50';

export type MenuProps = Readonly<{
  trigger: ReactElement;
  children: ReactNode;
  align?: 'start' | 'end';
}>;

export function Menu({ trigger, children, align }: MenuProps) {
  return (
    <BaseMenu.Root modal={false}>
      <BaseMenu.Trigger render={trigger} />
      <BaseMenu.Portal>
        <BaseMenu.Positioner sideOffset={6} align={align ?? 'end'} className="z-50 outline-none">
          <BaseMenu.Popup className="pop min-w-44 rounded-lg border bg-surface p-1 shadow-pop outline-none">
            {children}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}

export type MenuItemProps = Readonly<{
  onSelect: () => void;
  children: ReactNode;
  isDanger?: boolean;
}>;

export function MenuItem({ onSelect, children, isDanger }: MenuItemProps) {
  return (
    <BaseMenu.Item
      onClick={onSelect}
      className={isDanger === true ? `${ITEM_CLASS} text-bad` : ITEM_CLASS}
    >
      {children}
    </BaseMenu.Item>
  );
}

export function MenuLabel({ children }: Readonly<{ children: ReactNode }>) {
  return <div className="px-2.5 pt-1.5 pb-1 text-xs text-faint">{children}</div>;
}

export function MenuSeparator() {
  return <BaseMenu.Separator className="-mx-1 my-1 h-px bg-line" />;
}

export type MenuChoiceProps<Value extends string> = Readonly<{
  value: Value;
  choices: readonly Readonly<{ value: Value; label: ReactNode }>[];
  onChange: (value: Value) => void;
}>;

export function MenuChoice<Value extends string>(props: MenuChoiceProps<Value>) {
  return (
    <BaseMenu.RadioGroup
      value={props.value}
      onValueChange={(value: Value) => props.onChange(value)}
    >
      {props.choices.map((choice) => (
        <BaseMenu.RadioItem
          key={choice.value}
          value={choice.value}
          closeOnClick
          className={ITEM_CLASS}
        >
          <span className="flex min-w-0 flex-1 items-center gap-2.5">{choice.label}</span>
          <span className="w-4">
            <BaseMenu.RadioItemIndicator>
              <CheckIcon className="text-accent" />
            </BaseMenu.RadioItemIndicator>
          </span>
        </BaseMenu.RadioItem>
      ))}
    </BaseMenu.RadioGroup>
  );
}
