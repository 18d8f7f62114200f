/** Every command, and how help groups their nouns. */
import type { Command } from './command.ts';
import { authorCommands } from './commands/authors.ts';
import { balanceCommands } from './commands/balance.ts';
import { batchCommands } from './commands/batches.ts';
import { cacheCommands } from './commands/cache.ts';
import { contentCommands } from './commands/contents.ts';
import { chatCommands } from './commands/chat.ts';
import { configCommands } from './commands/config.ts';
import { creditsCommands } from './commands/credits.ts';
import { deploymentCommands } from './commands/deployment.ts';
import { fileCommands } from './commands/files.ts';
import { hubCommands } from './commands/hub.ts';
import { collectionCommands } from './commands/hub-collections.ts';
import { discussionCommands } from './commands/hub-discussions.ts';
import { hubAccessCommands } from './commands/hub-access.ts';
import { hubFileCommands } from './commands/hub-files.ts';
import { hubLineageCommands } from './commands/hub-lineage.ts';
import { hubQuotaCommands } from './commands/hub-quota.ts';
import { hubSearchCommands } from './commands/hub-search.ts';
import { hubStorageCommands } from './commands/hub-storage.ts';
import { repositoryCommands } from './commands/repositories.ts';
import { invoiceCommands } from './commands/invoices.ts';
import { keyCommands } from './commands/key.ts';
import { explorerCommands } from './commands/ledger-explore.ts';
import { ledgerCommands } from './commands/ledger.ts';
import { modeCommands } from './commands/ledger-mode.ts';
import { budgetCommands } from './commands/budgets.ts';
import { limitsCommands } from './commands/limits.ts';
import { paymentCommands } from './commands/payments.ts';
import { webhookCommands } from './commands/webhooks.ts';
import { modelCommands } from './commands/model.ts';
import { planCommands } from './commands/plans.ts';
import { priceCommands } from './commands/price.ts';
import { providerCommands } from './commands/providers.ts';
import { requestCommands } from './commands/requests.ts';
import { revenueCommands } from './commands/revenue.ts';
import { routesCommands } from './commands/routes.ts';
import { serverCommands } from './commands/server.ts';
import { statusCommands } from './commands/status.ts';
import { usageCommands } from './commands/usage.ts';
import type { Group } from './help.ts';

export const COMMANDS: readonly Command[] = [
  ...serverCommands,
  ...statusCommands,
  ...configCommands,
  ...modelCommands,
  ...deploymentCommands,
  ...routesCommands,
  ...providerCommands,
  ...cacheCommands,
  ...chatCommands,
  ...batchCommands,
  ...fileCommands,
  ...keyCommands,
  ...hubSearchCommands,
  ...hubFileCommands,
  ...hubLineageCommands,
  ...hubCommands,
  ...discussionCommands,
  ...collectionCommands,
  ...repositoryCommands,
  ...hubAccessCommands,
  ...hubStorageCommands,
  ...hubQuotaCommands,
  ...limitsCommands,
  ...priceCommands,
  ...usageCommands,
  ...requestCommands,
  ...contentCommands,
  ...balanceCommands,
  ...creditsCommands,
  ...planCommands,
  ...invoiceCommands,
  ...paymentCommands,
  ...budgetCommands,
  ...webhookCommands,
  ...revenueCommands,
  ...authorCommands,
  ...ledgerCommands,
  ...explorerCommands,
  ...modeCommands,
];

export const GROUPS: readonly Group[] = [
  {
    title: 'Run a cloud',
    nouns: [
      ['up', 'Start everything on this machine.'],
      ['serve', 'Start one process: database, control, gateway or node.'],
      ['migrate', 'Bring the database up to date.'],
      ['status', 'Show what is running.'],
      ['gateway', 'Replace gateways one by one.'],
      ['config', 'Show the settings in force.'],
    ],
  },
  {
    title: 'Models',
    nouns: [
      ['model', 'Import, list, show and remove models.'],
      ['deployment', 'Serve models, and see how they run.'],
      ['routes', 'Names that stand for models, with shares and fallbacks.'],
      ['providers', 'Models of other clouds, with keys of your own.'],
      ['cache', 'Answers to equal requests, kept for a project.'],
      ['chat', 'Talk to a model.'],
      ['batches', 'Many calls at once, within a day, for half the price.'],
      ['files', 'What batches read and write.'],
    ],
  },
  {
    title: 'Access',
    nouns: [
      ['key', 'Create, list and revoke API keys.'],
      ['hub', 'Repositories, and tokens for Hugging Face and ModelScope clients.'],
      ['limits', 'What tenants, projects and keys may use.'],
    ],
  },
  {
    title: 'Money',
    nouns: [
      ['price', 'Show and set what models cost.'],
      ['usage', 'See calls, tokens and amounts.'],
      ['requests', 'Look at single calls, and watch them.'],
      ['contents', 'Keep prompts and answers of a project, and delete them.'],
      ['balance', 'See what is left.'],
      ['credit', 'Put money on a balance.'],
      ['credits', 'What else may pay: free quota, grants, coupons, and their order.'],
      ['plans', 'Subscriptions with allowances, and savings plans.'],
      ['invoices', 'What was billed, what it will come to, and credit notes.'],
      ['payments', 'Top up, pay invoices, record transfers, give back.'],
      ['budgets', 'What is to be spent, alerts, and forecasts.'],
      ['webhooks', 'Addresses that are told what happens.'],
      ['revenue', 'What calls earned, and what is left of it.'],
      ['authors', 'What models earn for their authors, and payouts.'],
      ['ledger', 'Look into the books, prove them, and say how strict they are.'],
    ],
  },
];
