/**
 * The console's one way to the cloud: the typed client on this page's own origin, speaking with the
 * session cookie, in the tenant the member chose last. To change the tenant the page loads anew, so
 * that nothing of the old one stays in memory.
 */
import { type Client, createClient } from '#client/client.ts';

const TENANT_STORAGE = 'flywheel.tenant';

export const cloud: Client = createClient({
  url: '',
  tenantId: localStorage.getItem(TENANT_STORAGE) ?? undefined,
});

/** True when the member chose a tenant on this machine, which may be gone by now. */
export function hasChosenTenant(): boolean {
  return localStorage.getItem(TENANT_STORAGE) !== null;
}

export function chooseTenant(tenantId: string | null): void {
  if (tenantId === null) localStorage.removeItem(TENANT_STORAGE);
  else localStorage.setItem(TENANT_STORAGE, tenantId);
}

/** Where programs reach this cloud: the address the page itself came from. */
export const CLOUD_URL = window.location.origin;

type Answer<Call extends (...args: never[]) => Promise<unknown>> = Awaited<ReturnType<Call>>;

export type Me = Answer<Client['me']['get']>;
export type Model = Answer<Client['models']['list']>['data'][number];
export type ModelDetail = Answer<Client['models']['get']>;
export type RepositoryDetail = Answer<Client['hub']['show']>;
export type RepositoryKind = RepositoryDetail['kind'];
export type WeightsHeader = Answer<Client['hub']['header']>;
export type DiscussionDetail = Answer<Client['discussions']['get']>;
export type DiscussionEvent = DiscussionDetail['events'][number];
export type Discussion = Answer<Client['discussions']['list']>['data'][number];
export type Changes = Answer<Client['discussions']['changes']>;
export type FileChange = Changes['files'][number];
export type Family = Answer<Client['models']['family']>;
export type StorageUse = Answer<Client['storage']['use']>;
export type Collection = Answer<Client['collections']['get']>;
export type CollectionItem = Collection['items'][number];
export type Import = Answer<Client['imports']['get']>;
export type ImportCreate = Parameters<Client['imports']['create']>[0];
export type Books = Answer<Client['books']['get']>;
export type BookLaw = Books['laws'][number];
export type BookFinding = Books['findings'][number];
export type BookCheck = Answer<Client['books']['check']>;
export type Deployment = Answer<Client['deployments']['get']>;
export type DeploymentCreate = Parameters<Client['deployments']['create']>[0];
export type Route = Answer<Client['routes']['list']>['data'][number];
export type RouteSet = Parameters<Client['routes']['set']>[0];
export type Replica = Deployment['replicas'][number];
export type Batch = Answer<Client['batches']['get']>;
export type BatchCreate = Parameters<Client['batches']['create']>[0];
export type Key = Answer<Client['keys']['list']>['data'][number];
export type KeyCreate = Parameters<Client['keys']['create']>[0];
export type KeyCreated = Answer<Client['keys']['create']>;
export type Limit = Answer<Client['limits']['list']>['data'][number];
export type LimitSet = Parameters<Client['limits']['set']>[2];
export type Level = Limit['level'];
export type Role = Key['role'];
export type Tenant = Answer<Client['tenants']['list']>['data'][number];
export type TenantCreate = Parameters<Client['tenants']['create']>[0];
export type Member = Answer<Client['members']['list']>['data'][number];
export type MemberCreated = Answer<Client['members']['create']>;
export type Price = Answer<Client['prices']['list']>['data'][number];
export type PriceCreate = Parameters<Client['prices']['create']>[0];
export type PriceDraft = Answer<Client['priceDrafts']['get']>;
export type PriceTerms = PriceDraft['items'][number]['terms'];
export type PriceRate = PriceTerms['rates'][number];
export type PriceDiff = Answer<Client['priceDrafts']['diff']>;
export type PriceChange = PriceDiff['items'][number]['changes'][number];
export type PriceSimulation = Answer<Client['priceDrafts']['simulate']>;
export type PriceEvent = Answer<Client['priceBook']['events']>['data'][number];
export type UsageReport = Answer<Client['usage']['report']>;
export type UsageEvent = Answer<Client['usage']['event']>;
export type Provider = Answer<Client['providers']['get']>;
export type ProviderCreate = Parameters<Client['providers']['create']>[0];
export type ProviderModel = Provider['models'][number];
export type ProviderTemplate = Answer<Client['providers']['templates']>['data'][number];
export type ProjectCache = Answer<Client['cache']['get']>;
export type ProjectContents = Answer<Client['contents']['get']>;
export type ContentPart = Answer<Client['requests']['content']>['answer'];
export type Overview = Answer<Client['overview']['get']>;
export type Balance = Answer<Client['balance']['get']>;
export type Node = Answer<Client['nodes']['list']>['data'][number];
export type CreditSummary = Answer<Client['creditSummary']['get']>;
export type Subscription = Answer<Client['subscription']['create']>;
export type Plan = Answer<Client['plans']['list']>['data'][number];
export type PlanCreate = Parameters<Client['plans']['create']>[0];
export type PlanPreview = Answer<Client['subscription']['preview']>;
export type SavingsPlan = Answer<Client['savingsPlans']['list']>['data'][number];
export type Coupon = Answer<Client['coupons']['list']>['data'][number];
export type CouponCreate = Parameters<Client['coupons']['create']>[0];
export type FreeQuotaRuleSet = Parameters<Client['freeQuotas']['setRule']>[0];
export type DeductionOrder = Answer<Client['deductionOrders']['list']>['data'][number];
export type Spend = Answer<Client['finance']['spend']>;
export type SpendingSummary = Answer<Client['finance']['summary']>;
export type LedgerHit = Answer<Client['finance']['find']>['data'][number];
export type LeaseModeView = Answer<Client['ledger']['mode']>;
export type LedgerAccount = Answer<Client['ledger']['accounts']>['data'][number];
export type AccountLine = Answer<Client['ledger']['lines']>['data'][number];
export type LedgerEntry = Answer<Client['ledger']['entry']>;
export type Author = Answer<Client['authors']['list']>['data'][number];
export type AuthorEarnings = Answer<Client['authors']['earnings']>;
export type AuthorStatement = Answer<Client['authors']['statement']>;
export type ShareRule = Answer<Client['authors']['shares']>['data'][number];
export type ShareRuleCreate = Parameters<Client['authors']['setShare']>[0];
export type Payout = Answer<Client['authors']['payouts']>['data'][number];
export type Payment = Answer<Client['payments']['get']>;
export type Invoice = Answer<Client['invoices']['list']>['data'][number];
export type InvoiceDetail = Answer<Client['invoices']['get']>;
export type InvoiceStatement = Answer<Client['invoices']['preview']>['statement'];
export type InvoiceLine = InvoiceStatement['lines'][number];
export type InvoiceRequest = Answer<Client['invoices']['requests']>['data'][number];
export type Receivables = Answer<Client['invoices']['receivables']>;
export type BillingTerms = Answer<Client['invoices']['terms']>;
export type BillingTermsUpdate = Parameters<Client['invoices']['setTerms']>[1];
export type PaymentState = Payment['state'];
export type PaymentOptions = Answer<Client['payments']['options']>;
export type PaymentSettings = Answer<Client['payments']['settings']>;
export type PaymentSettingsSet = Parameters<Client['payments']['setSettings']>[0];
export type AutoTopUpSet = Parameters<Client['payments']['setAutoTopUp']>[0];
export type Budget = Answer<Client['budgets']['list']>['data'][number];
export type BudgetSet = Parameters<Client['budgets']['create']>[0];
export type BudgetForecast = Answer<Client['budgets']['forecast']>;
export type Webhook = Answer<Client['webhooks']['list']>['data'][number];
export type WebhookCreated = Answer<Client['webhooks']['create']>;
export type Delivery = Answer<Client['webhooks']['test']>;
