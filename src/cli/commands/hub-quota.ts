/** `hub usage|quota`: how much a tenant keeps in the hub, and may. */
import { parseSize } from '#client/size.ts';
import type { StorageUse } from '#hub/storage/api.ts';
import { type Context, defineCommand } from '../command.ts';
import { formatBytes } from '../format.ts';
import { printJson, printList } from '../result.ts';
import { UsageError } from '../usage-error.ts';

const usage = defineCommand({
  words: ['hub', 'usage'],
  summary: 'Show what your tenant keeps in the hub, and how much it may.',
  details: 'Every different file counts once, however many revisions and repositories it is in.',
  arguments: [],
  options: {
    tenant: { type: 'string', value: 'ID', summary: 'Of this tenant; for the operator.' },
  },
  run: async ({ options }, context) => {
    const client = await context.connect();
    print(context, await client.storage.use(options.tenant));
  },
});

const quota = defineCommand({
  words: ['hub', 'quota'],
  summary: 'Say how much a tenant may keep in the hub; for the operator.',
  details:
    'In force at once, for every client. What is there already stays, also beyond it. `default` is what ' +
    'all tenants may keep for whom nothing else was said.',
  arguments: [
    { name: 'tenant', kind: 'required', summary: 'Its id.' },
    { name: 'size', kind: 'required', summary: 'Such as 500GB, 2TiB, or default.' },
  ],
  options: {},
  examples: ['flywheel hub quota ten_01kq… 500GB', 'flywheel hub quota ten_01kq… default'],
  run: async ({ arguments: { tenant, size } }, context) => {
    const bytesMax = size === 'default' ? null : readSize(size);
    const client = await context.connect();
    print(context, await client.storage.setQuota(tenant, bytesMax));
  },
});

/** Raises a usage error. */
function readSize(text: string): number {
  const bytes = parseSize(text);
  if (bytes === null) throw new UsageError(`${text} is no size.`, 'Write it as 500GB or 2TiB.');
  return bytes;
}

function print(context: Context, use: StorageUse): void {
  if (context.isJson) return printJson(context, use);
  const { bytes, waitingBytes, bytesMax, isDefault, repositories } = use;
  const share = bytesMax === 0 ? 100 : Math.min(100, ((bytes + waitingBytes) / bytesMax) * 100);
  const { out } = context.terminal;
  const limit = `${formatBytes(bytesMax)}${isDefault ? ' (default)' : ''}`;
  out.line(`${formatBytes(bytes)} of ${limit} kept, ${share.toFixed(share < 10 ? 1 : 0)} %`);
  if (waitingBytes > 0) {
    out.line(`${formatBytes(waitingBytes)} uploaded and in no repository yet`);
  }
  printList(
    context,
    repositories,
    [
      { title: 'REPOSITORY', value: ({ name }) => name },
      { title: 'KIND', value: ({ kind }) => kind },
      { title: 'SIZE', align: 'right', value: ({ bytes: size }) => formatBytes(size) },
    ],
    'There are no repositories.',
  );
}

export const hubQuotaCommands = [usage, quota];
