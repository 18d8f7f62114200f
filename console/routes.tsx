/**
 * Every page of the console and the address it has. Pages are loaded when they are opened; those
 * below `signedIn` send a stranger to the sign-in page and bring them back afterwards.
 */
import type { QueryClient } from '@tanstack/react-query';
import {
  type ErrorComponentProps,
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { ApiError } from '#client/api-error.ts';
import { chooseTenant, hasChosenTenant } from './cloud.ts';
import { Failure } from './shell/failure.tsx';
import { NotFound } from './shell/not-found.tsx';
import { PageSkeleton } from './shell/page-skeleton.tsx';
import { meQuery } from './shell/session.ts';
import { Shell } from './shell/shell.tsx';
import {
  parseBillingSearch,
  parseDeploymentsSearch,
  parseFinanceSearch,
  parseKeysSearch,
  parseModelsSearch,
  parsePlaygroundSearch,
  parseProvidersSearch,
  parseRepositorySearch,
  parseRequestsSearch,
  parseSettingsSearch,
  parseSignInSearch,
  parseUsageSearch,
} from './search.ts';

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  notFoundComponent: Lost,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: parseSignInSearch,
  component: lazyRouteComponent(() => import('./sign-in/sign-in-page.tsx'), 'SignInPage'),
});

const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  component: Shell,
  notFoundComponent: NotFound,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.ensureQueryData(meQuery);
    } catch (error) {
      const isStranger = error instanceof ApiError && error.status === 401;
      if (error instanceof ApiError && [403, 404].includes(error.status) && hasChosenTenant()) {
        // The tenant chosen here last may be gone, or the member is no longer in it.
        chooseTenant(null);
        window.location.reload();
      }
      if (!isStranger) throw error;
      const search = location.href === '/' ? {} : { next: location.href };
      throw redirect({ to: '/sign-in', search });
    }
  },
});

const overview = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  component: lazyRouteComponent(() => import('./overview/overview-page.tsx'), 'OverviewPage'),
});

const models = createRoute({
  getParentRoute: () => signedIn,
  path: '/models',
  validateSearch: parseModelsSearch,
  component: lazyRouteComponent(() => import('./models/models-page.tsx'), 'ModelsPage'),
});

const model = createRoute({
  getParentRoute: () => signedIn,
  path: '/models/$owner/$name',
  validateSearch: parseRepositorySearch,
  component: lazyRouteComponent(() => import('./repositories/repository-pages.tsx'), 'ModelPage'),
});

const dataset = createRoute({
  getParentRoute: () => signedIn,
  path: '/datasets/$owner/$name',
  validateSearch: parseRepositorySearch,
  component: lazyRouteComponent(() => import('./repositories/repository-pages.tsx'), 'DatasetPage'),
});

const space = createRoute({
  getParentRoute: () => signedIn,
  path: '/spaces/$owner/$name',
  validateSearch: parseRepositorySearch,
  component: lazyRouteComponent(() => import('./repositories/repository-pages.tsx'), 'SpacePage'),
});

const owner = createRoute({
  getParentRoute: () => signedIn,
  path: '/owners/$owner',
  component: lazyRouteComponent(() => import('./organisations/owner-page.tsx'), 'OwnerPage'),
});

const playground = createRoute({
  getParentRoute: () => signedIn,
  path: '/playground',
  validateSearch: parsePlaygroundSearch,
  component: lazyRouteComponent(() => import('./playground/playground-page.tsx'), 'PlaygroundPage'),
});

const deployments = createRoute({
  getParentRoute: () => signedIn,
  path: '/deployments',
  validateSearch: parseDeploymentsSearch,
  component: lazyRouteComponent(
    () => import('./deployments/deployments-page.tsx'),
    'DeploymentsPage',
  ),
});

const routes = createRoute({
  getParentRoute: () => signedIn,
  path: '/routes',
  component: lazyRouteComponent(() => import('./routing/routes-page.tsx'), 'RoutesPage'),
});

const batches = createRoute({
  getParentRoute: () => signedIn,
  path: '/batches',
  component: lazyRouteComponent(() => import('./batches/batches-page.tsx'), 'BatchesPage'),
});

const keys = createRoute({
  getParentRoute: () => signedIn,
  path: '/keys',
  validateSearch: parseKeysSearch,
  component: lazyRouteComponent(() => import('./keys/keys-page.tsx'), 'KeysPage'),
});

const limits = createRoute({
  getParentRoute: () => signedIn,
  path: '/limits',
  component: lazyRouteComponent(() => import('./limits/limits-page.tsx'), 'LimitsPage'),
});

const providers = createRoute({
  getParentRoute: () => signedIn,
  path: '/providers',
  validateSearch: parseProvidersSearch,
  component: lazyRouteComponent(() => import('./providers/providers-page.tsx'), 'ProvidersPage'),
});

const requests = createRoute({
  getParentRoute: () => signedIn,
  path: '/requests',
  validateSearch: parseRequestsSearch,
  component: lazyRouteComponent(() => import('./requests/requests-page.tsx'), 'RequestsPage'),
});

const usage = createRoute({
  getParentRoute: () => signedIn,
  path: '/usage',
  validateSearch: parseUsageSearch,
  component: lazyRouteComponent(() => import('./usage/usage-page.tsx'), 'UsagePage'),
});

const billing = createRoute({
  getParentRoute: () => signedIn,
  path: '/billing',
  validateSearch: parseBillingSearch,
  component: lazyRouteComponent(() => import('./billing/billing-page.tsx'), 'BillingPage'),
});

const finance = createRoute({
  getParentRoute: () => signedIn,
  path: '/finance',
  validateSearch: parseFinanceSearch,
  component: lazyRouteComponent(() => import('./finance/finance-page.tsx'), 'FinancePage'),
});

const settings = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings',
  validateSearch: parseSettingsSearch,
  component: lazyRouteComponent(() => import('./settings/settings-page.tsx'), 'SettingsPage'),
});

const discussion = createRoute({
  getParentRoute: () => signedIn,
  path: '/discussions/$kind/$owner/$name/$num',
  component: lazyRouteComponent(
    () => import('./discussions/discussion-page.tsx'),
    'DiscussionPage',
  ),
});

const collections = createRoute({
  getParentRoute: () => signedIn,
  path: '/collections',
  component: lazyRouteComponent(
    () => import('./collections/collections-page.tsx'),
    'CollectionsPage',
  ),
});

const collection = createRoute({
  getParentRoute: () => signedIn,
  path: '/collections/$owner/$slug',
  component: lazyRouteComponent(
    () => import('./collections/collection-page.tsx'),
    'CollectionPage',
  ),
});

const routeTree = root.addChildren([
  signIn,
  signedIn.addChildren([
    overview,
    playground,
    batches,
    models,
    model,
    dataset,
    space,
    discussion,
    collections,
    collection,
    owner,
    deployments,
    routes,
    providers,
    requests,
    keys,
    limits,
    usage,
    billing,
    finance,
    settings,
  ]),
]);

export function createPages(queries: QueryClient) {
  return createRouter({
    routeTree,
    context: { queries },
    defaultPreload: 'intent',
    defaultPendingComponent: PageSkeleton,
    defaultErrorComponent: PageFailure,
    scrollRestoration: true,
  });
}

function Lost() {
  return (
    <main>
      <NotFound />
    </main>
  );
}

function PageFailure({ error, reset }: ErrorComponentProps) {
  return (
    <div className="mx-auto max-w-xl px-4 pt-24">
      <Failure error={error} onRetry={reset} />
    </div>
  );
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createPages>;
  }
}
