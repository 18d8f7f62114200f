/** `webhooks list|create|test|rotate|remove|deliveries|redeliver`. */
import type { Client } from '#client/client.ts';
import type { Delivery, WebhookCreate } from '#notices/api.ts';
import { type Context, defineCommand } from '../command.ts';
import { pause } from '#client/pause.ts';
import { printDone, printJson, printList, printThing, readAll } from '../result.ts';
import { UsageError } from '../usage-error.ts';

const which = { name: 'webhook', kind: 'required', summary: 'Its id.' } as const;

/** The first attempt is made within seconds; a receiver that hangs is cut after ten. */
const TEST_WAIT_MS = 20_000;
const TEST_LOOK_EVERY_MS = 500;

const list = defineCommand({
  words: ['webhooks', 'list'],
  summary: 'List webhooks.',
  arguments: [],
  options: {},
  run: async (_, context) => {
    const client = await context.connect();
    const { data } = await client.webhooks.list();
    printList(
      context,
      data,
      [
        { title: 'ID', value: ({ id }) => id },
        { title: 'NAME', value: ({ name }) => name },
        { title: 'URL', value: ({ url }) => url },
        { title: 'KINDS', value: ({ kinds }) => kinds?.join(', ') ?? 'all' },
        {
          title: 'STATE',
          value: ({ state, problem }) => (problem === null ? state : `${state} (${problem})`),
        },
      ],
      'There are no webhooks. `flywheel webhooks create` makes one.',
    );
  },
});

const create = defineCommand({
  words: ['webhooks', 'create'],
  summary: 'Have an address told of payments, invoices, budgets and more.',
  details: 'Messages are signed as Standard Webhooks say; the secret is shown this once.',
  arguments: [
    { name: 'name', kind: 'required', summary: 'What to call it.' },
    { name: 'url', kind: 'required', summary: 'https://…' },
  ],
  options: {
    kind: { type: 'list', short: 'k', value: 'KIND', summary: 'Such as invoice.issued; all.' },
    private: { type: 'boolean', summary: "The operator: an address of the cloud's own network." },
  },
  examples: ['flywheel webhooks create Books https://example.com/hooks -k invoice.issued'],
  run: async ({ arguments: { name, url }, options }, context) => {
    const client = await context.connect();
    const made = await client.webhooks.create({
      name,
      url,
      kinds: options.kind.length === 0 ? null : kindsOf(options.kind),
      allowsPrivate: options.private,
    });
    printThing(context, made, [
      ['webhook', made.id],
      ['secret', made.secret],
    ]);
  },
});

/** The server knows the list, and says which of them is none. */
function kindsOf(texts: readonly string[]): NonNullable<WebhookCreate['kinds']> {
  const isKind = (text: string): text is NonNullable<WebhookCreate['kinds']>[number] =>
    /^[a-z_]+\.[a-z_]+$/.test(text);
  return texts.map((text) => {
    if (isKind(text)) return text;
    throw new UsageError(`"${text}" is no kind.`, 'Kinds look like invoice.issued.');
  });
}

const test = defineCommand({
  words: ['webhooks', 'test'],
  summary: 'Send a webhook a test notice and wait for its answer.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { webhook: id } }, context) => {
    const client = await context.connect();
    const sent = await client.webhooks.test(id);
    const delivery = await firstAttempt(client, context, id, sent);
    if (context.isJson) printJson(context, delivery);
    else printDone(context, `${sent.id}: ${describe(delivery)}.`, delivery);
    return delivery.state === 'delivered' ? 0 : 1;
  },
});

async function firstAttempt(
  client: Client,
  context: Context,
  id: string,
  sent: Delivery,
): Promise<Delivery> {
  let delivery = sent;
  for (let waited = 0; waited < TEST_WAIT_MS; waited += TEST_LOOK_EVERY_MS) {
    const { data } = await client.webhooks.deliveries(id, { limit: 20 });
    delivery = data.find((each) => each.id === sent.id) ?? delivery;
    if (delivery.attempts.length > 0) break;
    await pause(TEST_LOOK_EVERY_MS, context.interrupted());
  }
  return delivery;
}

function describe({ state, attempts }: Delivery): string {
  const last = attempts.at(-1);
  if (last === undefined) return 'not tried yet';
  const answer = last.status === null ? (last.problem ?? 'no answer') : `status ${last.status}`;
  return `${state} after ${attempts.length}, ${answer}, ${last.durationMs} ms`;
}

const rotate = defineCommand({
  words: ['webhooks', 'rotate'],
  summary: 'Give a webhook a new secret; the one before signs too for a day.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { webhook: id } }, context) => {
    const client = await context.connect();
    const made = await client.webhooks.rotate(id);
    printThing(context, made, [
      ['webhook', made.id],
      ['secret', made.secret],
      ['old until', made.previousSecretUntil ?? '-'],
    ]);
  },
});

const remove = defineCommand({
  words: ['webhooks', 'remove'],
  summary: 'Remove a webhook with its deliveries.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { webhook: id } }, context) => {
    const client = await context.connect();
    await client.webhooks.remove(id);
    printDone(context, `${id} is gone.`, { id });
  },
});

const deliveries = defineCommand({
  words: ['webhooks', 'deliveries'],
  summary: 'List what was sent to a webhook in the last month.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { webhook: id } }, context) => {
    const client = await context.connect();
    const sent = await readAll((page) => client.webhooks.deliveries(id, page));
    printList(
      context,
      sent,
      [
        { title: 'ID', value: (delivery) => delivery.id },
        { title: 'KIND', value: ({ kind }) => kind },
        { title: 'AT', value: ({ createdAt }) => createdAt.slice(0, 19).replace('T', ' ') },
        { title: 'STATE', value: describe },
        { title: 'NEXT', value: ({ nextAt }) => nextAt?.slice(0, 19).replace('T', ' ') ?? '' },
      ],
      'Nothing was sent. `flywheel webhooks test` sends something.',
    );
  },
});

const redeliver = defineCommand({
  words: ['webhooks', 'redeliver'],
  summary: 'Send once more what did not arrive.',
  arguments: [which, { name: 'delivery', kind: 'required', summary: 'Its id.' }],
  options: {},
  run: async ({ arguments: { webhook: id, delivery } }, context) => {
    const client = await context.connect();
    const sent = await client.webhooks.redeliver(id, delivery);
    printDone(context, `${sent.id} is on its way again.`, sent);
  },
});

export const webhookCommands = [list, create, test, rotate, remove, deliveries, redeliver];
