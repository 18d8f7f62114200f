/** `status`: what is running, at a glance. */
import type { Node } from '#fleet/api.ts';
import type { Status } from '#metering/api.ts';
import { defineCommand } from '../command.ts';
import { formatAgo, formatBytes, formatDuration } from '../format.ts';
import { printJson, printThing, readAll } from '../result.ts';
import { renderTable } from '../table.ts';
import { stateColumns } from './deployment.ts';

const status = defineCommand({
  words: ['status'],
  summary: 'Show what is running: control, gateways, machines and deployments.',
  arguments: [],
  options: {},
  run: async (_, context) => {
    const client = await context.connect();
    const [cloud, nodes, deployments] = await Promise.all([
      client.status.get(),
      readAll(client.nodes.list),
      readAll(client.deployments.list),
    ]);
    if (context.isJson) return printJson(context, { ...cloud, nodes, deployments });
    const { out } = context.terminal;
    const nowMs = Date.now();
    printThing(context, cloud, [
      ['version', cloud.version],
      ['up for', formatDuration(nowMs - Date.parse(cloud.startedAt))],
      ['database', `${cloud.database.kind} ${cloud.database.version}`],
    ]);
    const bold = (text: string): string => out.style('bold', text);
    out.line(`\n${renderTable(gatewayColumns(nowMs), cloud.gateways, bold)}`);
    out.line(`\n${renderTable(nodeColumns(nowMs), nodes, bold)}`);
    if (deployments.length > 0) {
      out.line(`\n${renderTable(stateColumns, deployments, bold)}`);
    }
    return undefined;
  },
});

const gatewayColumns = (nowMs: number) => [
  { title: 'GATEWAY', value: ({ id }: Gateway) => id },
  { title: 'REGION', value: ({ region }: Gateway) => region },
  { title: 'STATE', value: ({ isOnline }: Gateway) => (isOnline ? 'online' : 'away') },
  { title: 'UNSHIPPED', value: ({ unshippedBytes }: Gateway) => formatBytes(unshippedBytes) },
  { title: 'SEEN', value: ({ lastSeenAt }: Gateway) => formatAgo(lastSeenAt, nowMs) },
];

const nodeColumns = (nowMs: number) => [
  { title: 'NODE', value: ({ name }: Node) => name },
  { title: 'REGION', value: ({ region, zone }: Node) => `${region}/${zone}` },
  { title: 'STATE', value: ({ isOnline }: Node) => (isOnline ? 'online' : 'away') },
  { title: 'CORES', align: 'right' as const, value: ({ cores }: Node) => String(cores) },
  {
    title: 'MEMORY',
    align: 'right' as const,
    value: ({ memoryBytes }: Node) => formatBytes(memoryBytes),
  },
  { title: 'REPLICAS', align: 'right' as const, value: ({ replicas }: Node) => String(replicas) },
  { title: 'SEEN', value: ({ lastSeenAt }: Node) => formatAgo(lastSeenAt, nowMs) },
];

type Gateway = Status['gateways'][number];

export const statusCommands = [status];
