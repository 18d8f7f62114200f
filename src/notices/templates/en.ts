/** Letters in English. */
import type { Templates } from './template.ts';

const PAYMENTS = '/billing?tab=payments';
const BUDGETS = '/billing?tab=budgets';
const INVOICES = '/billing?tab=invoices';
const PLANS = '/billing?tab=plans';
const BILLING = '/billing';

export const ENGLISH: Templates = {
  'payment.succeeded': {
    subject: 'Payment of {amount} {currency} received',
    lines: [
      'We received your payment of {amount} {currency}. Thank you.',
      'It pays invoice {invoiceNumber}.',
      'Your reference: {reference}.',
    ],
    path: PAYMENTS,
  },
  'payment.failed': {
    subject: 'Your payment of {amount} {currency} did not go through',
    lines: ['Your payment of {amount} {currency} did not go through, and nothing was booked.'],
    path: PAYMENTS,
  },
  'payment.refunded': {
    subject: '{amount} {currency} were paid back',
    lines: ['{amount} {currency} of your payment were paid back.', 'Reason: {reason}.'],
    path: PAYMENTS,
  },
  'payment.disputed': {
    subject: 'A payment of {amount} {currency} is disputed',
    lines: ['The payment {paymentId} of {amount} {currency} is disputed at the bank.'],
    path: PAYMENTS,
  },
  'payment.quarantined': {
    subject: 'A payment needs a look: {problem}',
    lines: [
      'The payment {paymentId} was set aside and nothing was booked: {problem}.',
      'Expected: {expected}. Received: {received}.',
    ],
    path: PAYMENTS,
  },
  'top_up.failed': {
    subject: 'Automatic top-up did not work',
    lines: [
      'Your balance fell below {threshold} {currency}, but the automatic top-up of {amount} {currency} did not work: {problem}.',
      'Automatic top-up is off until you turn it on again.',
    ],
    path: PAYMENTS,
  },
  'budget.reached': {
    subject: '{percent} % of the budget "{budget}" is spent',
    lines: [
      'The budget "{budget}" has reached {percent} %: {spent} of {amount} {currency} in the period from {periodStart}.',
      'Calls stop here: {stopsAt}.',
    ],
    path: BUDGETS,
  },
  'budget.forecast': {
    subject: 'The budget "{budget}" is likely to reach {percent} %',
    lines: [
      'At the present pace the budget "{budget}" ends its period at about {forecast} of {amount} {currency}. {spent} are spent by now.',
    ],
    path: BUDGETS,
  },
  'spend.anomaly': {
    subject: 'Spending is unusual: {spent} {currency} in an hour',
    lines: [
      'In the hour from {hour} {scope} spent {spent} {currency}. At this hour of the week it is usually {usual}, and rarely more than {most}.',
    ],
    path: BUDGETS,
  },
  'invoice.issued': {
    subject: 'Invoice {number} over {amount} {currency}',
    lines: ['Your invoice {number} over {amount} {currency} is there.', 'It is due on {dueOn}.'],
    path: INVOICES,
  },
  'invoice.paid': {
    subject: 'Invoice {number} is paid',
    lines: ['Your invoice {number} over {amount} {currency} is paid. Thank you.'],
    path: INVOICES,
  },
  'invoice.overdue': {
    subject: 'Invoice {number} is overdue',
    lines: [
      'Your invoice {number} over {amount} {currency} was due on {dueOn}.',
      'What happens next: {next}.',
    ],
    path: INVOICES,
  },
  'credit_note.issued': {
    subject: 'Credit note {number} over {amount} {currency}',
    lines: ['We issued the credit note {number} over {amount} {currency}.', 'Reason: {reason}.'],
    path: INVOICES,
  },
  'tenant.restricted': {
    subject: 'Your account is restricted',
    lines: ['Because an invoice is overdue, your account is restricted.', '{reason}'],
    path: INVOICES,
  },
  'tenant.stopped': {
    subject: 'Your account is stopped',
    lines: ['Because an invoice is overdue, calls are refused until it is paid.', '{reason}'],
    path: INVOICES,
  },
  'tenant.restored': {
    subject: 'Your account works as before',
    lines: ['Everything is paid, and your account works as before. Thank you.'],
    path: BILLING,
  },
  'balance.low': {
    subject: 'Your balance is down to {balance} {currency}',
    lines: [
      'Your balance is down to {balance} {currency}.',
      'At the present pace it lasts {daysLeft} days.',
    ],
    path: PAYMENTS,
  },
  'grant.expiring': {
    subject: 'Credit of {amount} {currency} expires on {expiresOn}',
    lines: ['{amount} {currency} of your credit are unused and expire on {expiresOn}.'],
    path: PLANS,
  },
  'quota.used_up': {
    subject: 'The free quota of {model} is used up',
    lines: ['The free quota of {model} is used up.'],
    path: PLANS,
  },
  'plan.changed': {
    subject: 'Your plan is now {plan}',
    lines: ['Your plan is now {plan}.', 'It is in force from {from}.'],
    path: PLANS,
  },
  'plan.unpaid': {
    subject: 'Your plan {plan} could not be renewed',
    lines: [
      'Your balance does not cover the {amount} {currency} of the next month of {plan}.',
      'The plan gives nothing until you top up; after a week it ends.',
    ],
    path: PLANS,
  },
  'plan.ended': {
    subject: 'Your plan {plan} has ended',
    lines: ['Your plan {plan} has ended.'],
    path: PLANS,
  },
  'payout.recorded': {
    subject: 'A payout of {amount} {currency} is on its way',
    lines: ['We recorded a payout of {amount} {currency} to you.', 'Reference: {reference}.'],
    path: BILLING,
  },
  'price.published': {
    subject: 'A new price of {model}',
    lines: [
      'From {effectiveOn} (UTC) on, {model} has a new price. Calls made before cost what they did.',
      'A million tokens: {inputPerMillion} {currency} in, {outputPerMillion} {currency} out.',
    ],
    path: '/models',
  },
  'price.approval_wanted': {
    subject: 'A price book waits for approval',
    lines: ['The draft "{name}" waits for the approval of a second member.'],
    path: '/finance?tab=prices',
  },
  'books.broken': {
    subject: 'The books do not balance: {findings} findings',
    lines: ['Reconciliation found {findings} rows that do not agree.', 'First: {first}'],
    path: '/finance?tab=books',
  },
  'hub.damaged': {
    subject: 'Stored bytes are damaged: {faults} objects',
    lines: ['The scrub found {faults} objects that are damaged or missing.', 'First: {first}'],
    path: '/storage',
  },
  'webhook.failed': {
    subject: 'The webhook "{webhook}" does not answer',
    lines: [
      'A notice of the kind {notice} could not be delivered to the webhook "{webhook}" and was given up after {attempts} attempts. Last: {problem}.',
      'You can send it again from its list of deliveries.',
    ],
    path: '/settings',
  },
};
