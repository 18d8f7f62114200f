/**
 * Sections of one page, one shown at a time; the content of a tab may be code that is loaded when it is
 * opened. On a phone the row of tabs scrolls, and the open one is always in sight.
 */
import { Tabs as BaseTabs } from '@base-ui/react/tabs';
import { type ReactNode, Suspense, useEffect, useRef } from 'react';
import { Skeleton } from './skeleton.tsx';

export type TabsProps<Value extends string> = Readonly<{
  value: Value;
  onChange: (value: Value) => void;
  tabs: readonly Readonly<{ value: Value; label: ReactNode; content: ReactNode }>[];
}>;

export function Tabs<Value extends string>({ value, onChange, tabs }: TabsProps<Value>) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const open = list.current?.querySelector(`[data-tab="${value}"]`);
    open?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [value]);
  return (
    <BaseTabs.Root value={value} onValueChange={(next: Value) => onChange(next)}>
      <BaseTabs.List
        ref={list}
        className="relative flex gap-5 overflow-x-auto border-b [scrollbar-width:none]"
      >
        {tabs.map((tab) => (
          <BaseTabs.Tab
            key={tab.value}
            value={tab.value}
            data-tab={tab.value}
            className="h-9 shrink-0 px-0.5 text-sm font-medium text-muted hover:text-ink data-active:text-ink"
          >
            {tab.label}
          </BaseTabs.Tab>
        ))}
        <BaseTabs.Indicator className="absolute bottom-0 left-[var(--active-tab-left)] h-0.5 w-[var(--active-tab-width)] bg-accent-line transition-all duration-150" />
      </BaseTabs.List>
      {tabs.map((tab) => (
        <BaseTabs.Panel key={tab.value} value={tab.value} className="pt-5 outline-none">
          <Suspense fallback={<TabSkeleton />}>{tab.content}</Suspense>
        </BaseTabs.Panel>
      ))}
    </BaseTabs.Root>
  );
}

function TabSkeleton() {
  return (
    <div aria-busy="true" className="space-y-4">
      <Skeleton className="h-28 rounded-xl" />
      <Skeleton className="h-64 rounded-xl" />
    </div>
  );
}
