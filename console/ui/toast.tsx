/** Short notices at the corner. `toasts.add` may be called from anywhere, also outside components. */
import { Toast } from '@base-ui/react/toast';
import type { ReactNode } from 'react';
import { AlertIcon, CheckIcon, CloseIcon } from './icons.tsx';

export const toasts = Toast.createToastManager();

const TIMEOUT_MS = 6000;

export function notify(title: string): void {
  toasts.add({ title, type: 'good' });
}

export function ToastRegion({
  closeLabel,
  children,
}: Readonly<{ closeLabel: string; children: ReactNode }>) {
  return (
    <Toast.Provider toastManager={toasts} timeout={TIMEOUT_MS}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-4 z-50 flex w-[min(24rem,calc(100vw-2rem))] flex-col gap-2 outline-none">
          <ToastList closeLabel={closeLabel} />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function ToastList({ closeLabel }: Readonly<{ closeLabel: string }>) {
  const { toasts: shown } = Toast.useToastManager();
  return shown.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className="pop flex items-start gap-3 rounded-lg border bg-surface p-3.5 shadow-pop data-limited:hidden"
    >
      {toast.type === 'bad' ? (
        <AlertIcon className="mt-0.5 text-bad" />
      ) : (
        <CheckIcon className="mt-0.5 text-good" />
      )}
      <div className="min-w-0 flex-1">
        <Toast.Title className="text-sm font-medium" />
        <Toast.Description className="mt-0.5 text-xs break-words text-muted" />
      </div>
      <Toast.Close
        aria-label={closeLabel}
        className="-m-1 rounded-sm p-1 text-faint hover:text-ink"
      >
        <CloseIcon />
      </Toast.Close>
    </Toast.Root>
  ));
}
