/** Starts the console: language, then the query cache, then the pages. */
import { CSPProvider } from '@base-ui/react/csp-provider';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { useTranslation } from 'react-i18next';
import { ApiError } from '#client/api-error.ts';
import { consoleAddress } from './hub-addresses.ts';
import { startLanguage } from './i18n.ts';
import { createPages } from './routes.tsx';
import { toastFailure } from './shell/failure.tsx';
import './styles.css';
import { ToastRegion } from './ui/toast.tsx';
import { TipProvider } from './ui/tooltip.tsx';

/** A refusal will not change by asking again; a lost connection might. */
const RETRIES_MAX = 2;

const queries = new QueryClient({
  queryCache: new QueryCache({ onError: leaveIfSignedOut }),
  mutationCache: new MutationCache({
    // A form that shows its failure in place says so with `meta.isSilent`.
    onError: (error, _variables, _result, mutation) => {
      if (mutation.meta?.['isSilent'] !== true) toastFailure(error);
      leaveIfSignedOut(error);
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 5000,
      retry: (failures, error) =>
        failures < RETRIES_MAX &&
        !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
});

const address = consoleAddress(window.location.pathname);
if (address !== null) window.history.replaceState(null, '', address);
const pages = createPages(queries);

/** A session that ended while a page was open. The sign-in page itself answers 401 on purpose. */
function leaveIfSignedOut(error: unknown): void {
  const { pathname, href } = pages.state.location;
  if (!(error instanceof ApiError) || error.status !== 401 || pathname === '/sign-in') return;
  queries.clear();
  void pages.navigate({ to: '/sign-in', search: { next: href } });
}

function Console() {
  const { t } = useTranslation();
  return (
    <QueryClientProvider client={queries}>
      {/* No style elements made by scripts: the page's policy may forbid them. */}
      <CSPProvider disableStyleElements>
        <TipProvider>
          <ToastRegion closeLabel={t('action.close')}>
            <RouterProvider router={pages} />
          </ToastRegion>
        </TipProvider>
      </CSPProvider>
    </QueryClientProvider>
  );
}

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
await startLanguage();
createRoot(root).render(
  <StrictMode>
    <Console />
  </StrictMode>,
);
