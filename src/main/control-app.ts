/** Control's HTTP: who may call what, every module's routes, the console's files. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { createAuthorRoutes } from '#authors/routes.ts';
import { createBatchRoutes } from '#batches/routes.ts';
import { createBudgetRoutes } from '#budgets/routes.ts';
import { createFinanceRoutes } from '#finance/routes.ts';
import { createCreditRoutes } from '#credits/routes.ts';
import { createFleetInternalRoutes } from '#fleet/internal-routes.ts';
import { createFleetRoutes } from '#fleet/routes.ts';
import { createGatewayInternalRoutes } from '#gateway/internal-routes.ts';
import { createResponseInternalRoutes } from '#gateway/responses/internal-routes.ts';
import { createCatalogueRoutes } from '#hub/catalogue/routes.ts';
import { createGitRoutes } from '#hub/git/routes.ts';
import { createHuggingFaceRoutes } from '#hub/huggingface/routes.ts';
import { createXetTokenRoutes } from '#hub/huggingface/xet-routes.ts';
import { createCollectionRoutes } from '#hub/community/collection-routes.ts';
import { createDiscussionRoutes } from '#hub/community/discussion-routes.ts';
import { createHubInternalRoutes } from '#hub/internal-routes.ts';
import { createModelScopeRoutes } from '#hub/modelscope/routes.ts';
import { createRepositoryRoutes } from '#hub/repository-routes.ts';
import { createHubRoutes } from '#hub/routes.ts';
import { createDownloadRoutes } from '#hub/downloads/routes.ts';
import { createGrantRoutes } from '#hub/grants/routes.ts';
import { createLineageRoutes } from '#hub/lineage/routes.ts';
import { createStorageRoutes } from '#hub/storage/routes.ts';
import { createVerifyRoutes } from '#hub/verify/routes.ts';
import { createInvoiceRoutes } from '#invoices/routes.ts';
import { createLedgerInternalRoutes } from '#ledger/internal-routes.ts';
import { createExplorerRoutes } from '#ledger/explore-routes.ts';
import { createLedgerRoutes } from '#ledger/routes.ts';
import { createLimitInternalRoutes } from '#limits/internal-routes.ts';
import { createLimitRoutes } from '#limits/routes.ts';
import { createMeteringInternalRoutes } from '#metering/internal-routes.ts';
import { createRefusalRoutes } from '#metering/refusal-routes.ts';
import { createMeteringRoutes } from '#metering/routes.ts';
import { createNoticeRoutes } from '#notices/routes.ts';
import { createPaymentHooks } from '#payments/hook-routes.ts';
import { createPaymentRoutes } from '#payments/routes.ts';
import { defineErrors } from '#platform/error.ts';
import { API_BODY_LIMIT_BYTES, createApi, handleErrors } from '#platform/http.ts';
import { createTelemetry } from '#platform/telemetry.ts';
import { sql } from '#platform/database.ts';
import { createBookRoutes } from '#pricing/book-routes.ts';
import { createDraftRoutes } from '#pricing/draft-routes.ts';
import { createPricingRoutes } from '#pricing/routes.ts';
import { createProviderInternalRoutes } from '#providers/internal-routes.ts';
import { createProviderRoutes } from '#providers/routes.ts';
import { createReconciliationRoutes } from '#reconciliation/routes.ts';
import { createRoutingRoutes } from '#routing/routes.ts';
import { createTasksInternalRoutes } from '#tasks/internal-routes.ts';
import { createContentInternalRoutes } from '#requests/contents/internal-routes.ts';
import { createContentRoutes } from '#requests/contents/routes.ts';
import { createRequestRoutes } from '#requests/routes.ts';
import { createTenancyInternalRoutes } from '#tenancy/internal-routes.ts';
import { createPrincipalMiddleware } from '#tenancy/principal-middleware.ts';
import type { CloudEnv } from '#tenancy/principal.ts';
import { createTenancyRoutes } from '#tenancy/routes.ts';
import { createXetRoutes } from '#xet/routes.ts';
import { createConsolePages } from './console-pages.ts';
import type { ControlParts } from './control-parts.ts';
import { VERSION } from './options.ts';
import { createStatusRoutes } from './status.ts';

const fail = defineErrors({ 'join.refused': { status: 401 } });

export function createControlApp(parts: ControlParts): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  handleErrors(app, parts.log);
  app.use('/cloud/*', bodyLimit({ maxSize: API_BODY_LIMIT_BYTES }));
  app.use('/cloud/v1/*', createPrincipalMiddleware(parts.tenancy));
  app.use('/v1/*', createPrincipalMiddleware(parts.tenancy));
  app.use('/compatible-mode/v1/*', createPrincipalMiddleware(parts.tenancy));
  app.use('/internal/*', requireJoinToken(parts.options.joinToken));
  const gateways = createGatewayInternalRoutes(parts);

  app.route('/', createTenancyRoutes(parts.tenancy));
  app.route('/', createHubApi(parts));
  app.route('/', createFleetRoutes(parts.fleet));
  app.route('/', createRoutingRoutes(parts.routing));
  app.route('/', createPricingRoutes(parts.pricing));
  app.route('/', createDraftRoutes(parts.priceBook));
  app.route('/', createBookRoutes(parts.priceBook));
  app.route('/', createProviderRoutes(parts.providers));
  app.route('/', createRequestRoutes(parts.requests));
  app.route('/', createContentRoutes(parts.contents));
  app.route('/', createLedgerRoutes(parts.ledger));
  app.route('/', createCreditRoutes(parts.credits));
  app.route('/', createExplorerRoutes(parts.explorer));
  app.route('/', createLimitRoutes(parts.limits));
  app.route('/', createMeteringRoutes(parts));
  app.route('/', createReconciliationRoutes(parts.reconciliation));
  app.route('/', createAuthorRoutes(parts));
  app.route('/', createFinanceRoutes(parts));
  app.route('/', createBatchRoutes(parts.batches));
  app.route('/', createNoticeRoutes(parts.notices));
  app.route('/', createBudgetRoutes(parts.budgets));
  app.route('/', createInvoiceRoutes(parts.invoices));
  app.route('/', createPaymentRoutes(parts.payments));
  app.route('/', createPaymentHooks(parts.payments));
  app.route('/', createStatusRoutes(parts, gateways.listGateways));
  app.doc31('/cloud/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Flywheel', version: VERSION },
  });

  // In an app of their own, which keeps them out of the public description.
  const internal = new Hono();
  internal.route('/', createTenancyInternalRoutes(parts.tenancy));
  internal.route('/', createHubInternalRoutes(parts.hub));
  internal.route('/', createFleetInternalRoutes(parts.fleet));
  internal.route('/', createProviderInternalRoutes(parts.providers));
  internal.route('/', createLedgerInternalRoutes(parts.ledger));
  internal.route('/', createLimitInternalRoutes(parts.limits));
  internal.route('/', createMeteringInternalRoutes(parts.metering));
  internal.route('/', createRefusalRoutes(parts.metering));
  internal.route('/', createTasksInternalRoutes(parts.tasks));
  internal.route('/', createResponseInternalRoutes(parts.responses));
  internal.route('/', createContentInternalRoutes(parts.contents));
  internal.route('/', gateways.app);
  app.route('/', internal);

  app.route('/', createXetRoutes(parts.xet));
  app.route('/', createXetTokenRoutes(parts));
  app.route('/', createGitRoutes(parts));
  app.route('/', createModelScopeRoutes(parts));
  app.route('/', createHuggingFaceRoutes(parts));
  app.route('/', telemetryPages(parts));
  app.route('/', createConsolePages(CONSOLE_FOLDER));
  return app;
}

function createHubApi(parts: ControlParts): OpenAPIHono<CloudEnv> {
  const api = createApi<CloudEnv>();
  api.route('/', createCatalogueRoutes(parts.hub));
  api.route('/', createHubRoutes(parts.hub));
  api.route('/', createDownloadRoutes(parts.hub));
  api.route('/', createGrantRoutes(parts.hub));
  api.route('/', createLineageRoutes(parts.hub));
  api.route('/', createRepositoryRoutes(parts.hub));
  api.route('/', createDiscussionRoutes(parts));
  api.route('/', createCollectionRoutes(parts));
  api.route('/', createVerifyRoutes(parts.hub));
  api.route('/', createStorageRoutes(parts.hub));
  return api;
}

const CONSOLE_FOLDER = join(import.meta.dirname, '..', '..', 'console', 'dist');

/** Compares hashes, so that neither length nor content of a wrong token shows in the time it takes. */
function requireJoinToken(joinToken: string): MiddlewareHandler {
  const expected = createHash('sha256').update(`Bearer ${joinToken}`).digest();
  return async (context, next) => {
    const given = context.req.header('authorization') ?? '';
    if (!timingSafeEqual(createHash('sha256').update(given).digest(), expected)) {
      throw fail('join.refused', 'Gateways and nodes show the join token of this cloud.');
    }
    await next();
  };
}

function telemetryPages({ handle, fleet, hub, publisher, reconciliation }: ControlParts): Hono {
  const telemetry = createTelemetry('control');
  telemetry.gauge('nodes_online', 'Nodes that answer.', () => fleet.countNodes());
  telemetry.gauge('replicas_ready', 'Replicas that serve.', () => fleet.countReadyReplicas());
  telemetry.gauge('feed_followers', 'Gateways that follow the feed.', () => publisher.followers);
  telemetry.gauge('database_connections', 'Of the pool, open.', () => handle.pool.totalCount);
  telemetry.gauge('database_waiting', 'Work that waits for one.', () => handle.pool.waitingCount);
  telemetry.gauges(
    'books_findings',
    'Rows that break a law of the books, open.',
    'law',
    async () => {
      return (await reconciliation.figures()).findings;
    },
  );
  telemetry.gauges(
    'books_age_seconds',
    'Since a law was last run over everything.',
    'law',
    async () => {
      return (await reconciliation.figures()).ageSeconds;
    },
  );
  telemetry.gauges('hub_faults', 'Stored objects that are not sound, open.', 'says', () =>
    hub.verify.figures(),
  );
  return telemetry.pages(async () => {
    await sql`select 1`.execute(handle.database);
    return true;
  });
}
