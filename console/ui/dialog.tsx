/** Dialogs in the middle of the page and drawers at its side. Focus is kept inside and given back. */
import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { type ReactNode, useRef } from 'react';
import { classNames } from './class-names.ts';
import { CloseIcon } from './icons.tsx';
import { buttonClass } from './button.tsx';

export type DialogProps = Readonly<{
  isOpen: boolean;
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  closeLabel: string;
  children: ReactNode;
  /** Where it stands: a centred dialog, or a drawer at the right or left edge. */
  place?: 'center' | 'right' | 'left';
  width?: string;
}>;

const FIELDS = 'form input, form textarea, form [role="combobox"]';

const PLACES = {
  center:
    'pop top-1/2 left-1/2 max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 rounded-xl border',
  right: 'slide top-0 right-0 h-dvh w-[min(100vw,var(--drawer-width))] border-l',
  left: 'slide-left slide top-0 left-0 h-dvh w-[min(86vw,var(--drawer-width))] border-r',
} as const;

export function Dialog(props: DialogProps) {
  const { isOpen, onClose, title, description, closeLabel, children } = props;
  const place = props.place ?? 'center';
  const body = useRef<HTMLDivElement>(null);
  return (
    <BaseDialog.Root
      open={isOpen}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="veil fixed inset-0 z-40" />
        <BaseDialog.Popup
          // A form is opened to be filled in: start at its first field, not at the close button.
          initialFocus={() => body.current?.querySelector<HTMLElement>(FIELDS) ?? true}
          style={{ maxWidth: props.width ?? '32rem', '--drawer-width': props.width ?? '30rem' }}
          className={classNames(
            'fixed z-40 flex flex-col overflow-hidden bg-surface shadow-pop outline-none',
            PLACES[place],
          )}
        >
          <header className="flex items-start gap-3 border-b px-5 py-4">
            <div className="min-w-0 flex-1">
              <BaseDialog.Title className="text-base font-semibold tracking-tight">
                {title}
              </BaseDialog.Title>
              {description !== undefined && (
                <BaseDialog.Description className="mt-0.5 text-sm text-muted">
                  {description}
                </BaseDialog.Description>
              )}
            </div>
            <BaseDialog.Close
              aria-label={closeLabel}
              className={classNames(buttonClass('ghost', 'sm'), '-mr-1.5 w-7 px-0!')}
            >
              <CloseIcon />
            </BaseDialog.Close>
          </header>
          <div ref={body} className="min-h-0 flex-1 overflow-y-auto px-5 py-5">
            {children}
          </div>
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

/** The row of buttons that ends a dialog's form. */
export function DialogActions({ children }: Readonly<{ children: ReactNode }>) {
  return <div className="mt-6 flex flex-wrap justify-end gap-2">{children}</div>;
}
