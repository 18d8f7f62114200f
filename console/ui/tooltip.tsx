/** A short name that shows on hover and on focus. The trigger must carry its own accessible name. */
import { Tooltip } from '@base-ui/react/tooltip';
import type { ReactElement, ReactNode } from 'react';

export type TipProps = Readonly<{ text: ReactNode; children: ReactElement }>;

export function Tip({ text, children }: TipProps) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger render={children} />
      <Tooltip.Portal>
        <Tooltip.Positioner sideOffset={6} className="z-50">
          <Tooltip.Popup className="pop max-w-72 rounded-md bg-ink px-2 py-1 text-xs text-canvas shadow-pop">
            {text}
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

export function TipProvider({ children }: Readonly<{ children: ReactNode }>) {
  return <Tooltip.Provider delay={350}>{children}</Tooltip.Provider>;
}
