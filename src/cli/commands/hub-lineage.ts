/** `hub lineage`: the family of a model, as a tree. */
import type { Family } from '#hub/lineage/api.ts';
import { defineCommand } from '../command.ts';
import { formatCount } from '../format.ts';
import { printJson } from '../result.ts';
import { oneLine } from '../text.ts';

type Member = Family['bases'][number];

const lineage = defineCommand({
  words: ['hub', 'lineage'],
  summary: 'Show what a model was made from, and what was made from it.',
  details:
    'With the share of its bytes that its base has too, where that was measured, and a warning where the ' +
    'card claims what the weights do not show.',
  arguments: [{ name: 'name', kind: 'required', summary: 'owner/name.' }],
  options: {},
  run: async ({ arguments: { name } }, context) => {
    const client = await context.connect();
    const family = await client.models.family(name);
    if (context.isJson) return printJson(context, family);
    const { out } = context.terminal;
    const dim = (text: string): string => out.style('dim', text);
    if (family.bases.length > 0) {
      out.line(dim('made from'));
      drawAll(family.bases, '', (line) => out.line(line));
    }
    out.line(out.style('bold', family.name));
    drawAll(family.derivatives, '', (line) => out.line(line));
    out.line(dim(countsOf(family)));
    return undefined;
  },
});

function drawAll(members: readonly Member[], indent: string, line: (text: string) => void): void {
  members.forEach((member, index) => {
    const isLast = index === members.length - 1 && member.moreCount === 0;
    line(`${indent}${isLast ? '└─' : '├─'} ${oneLine(labelOf(member))}`);
    const below = indent + (isLast ? '   ' : '│  ');
    drawAll(member.members, below, line);
    if (member.moreCount > 0) line(`${below}└─ ${formatCount(member.moreCount)} more`);
  });
}

function labelOf({ name, relation, shared, warnings, isRepeat, modelId }: Member): string {
  const share =
    shared === null || shared.totalBytes === 0
      ? ''
      : `, ${Math.floor((shared.sharedBytes / shared.totalBytes) * 100)} % shared`;
  const where = modelId === null ? ', not here' : '';
  const again = isRepeat ? ', stands above' : '';
  const warned = warnings.map((warning) => `  ! ${WARNINGS[warning]}`).join('');
  return `${name}  (${relation}${share}${where}${again})${warned}`;
}

const WARNINGS: Readonly<Record<Member['warnings'][number], string>> = {
  adapter_is_whole: 'says adapter, brings all weights',
  is_adapter: 'brings an adapter',
  other_architecture: 'another architecture',
  other_size: 'another size',
  not_quantized: 'numbers as wide as its base',
  is_copy: 'the very bytes of its base',
};

function countsOf({ children, descendants }: Family): string {
  const sum = (counts: Family['children']): number =>
    Object.values(counts).reduce((all, count) => all + count, 0);
  const kinds = Object.entries(descendants)
    .filter(([, count]) => count > 0)
    .map(([relation, count]) => `${formatCount(count)} ${relation}`);
  if (kinds.length === 0) return 'nothing was made from it';
  return `${formatCount(sum(children))} made from it, ${formatCount(sum(descendants))} in all: ${kinds.join(', ')}`;
}

export const hubLineageCommands = [lineage];
