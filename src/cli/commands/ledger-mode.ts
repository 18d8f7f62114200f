/** `ledger mode`: whether gateways promise a tenant's money for the worst case or for an estimate. */
import type { LeaseModeView } from '#ledger/api.ts';
import { defineCommand } from '../command.ts';
import { printDone, printThing } from '../result.ts';
import { UsageError } from '../usage-error.ts';

const WORDS: Readonly<Record<LeaseModeView['mode'], string>> = {
  strict: 'the worst case of a request is set aside before it runs: nobody ever overspends',
  relaxed: 'an estimate is set aside: more requests at once, and at most one lease is overspent',
};

const mode = defineCommand({
  words: ['ledger', 'mode'],
  summary: "Show or set how strictly gateways keep to a tenant's balance.",
  details: `strict: before a request runs, the most it can cost is set aside, so no balance is ever
overspent. relaxed: what it will probably cost is set aside, which lets more requests run at once near the
end of a balance and may overspend it by at most one lease. Holds from the next lease on, within seconds.
Without --tenant it is the cloud's own: what holds for every tenant that has none of its own.`,
  arguments: [
    {
      name: 'mode',
      kind: 'optional',
      summary: 'strict, relaxed, or cloud to follow the cloud; without it, shows it.',
    },
  ],
  options: {
    tenant: { type: 'string', value: 'ID', summary: "The operator: this tenant's." },
  },
  examples: ['flywheel ledger mode', 'flywheel ledger mode relaxed --tenant ten_01…'],
  run: async ({ arguments: { mode: wanted }, options: { tenant } }, context) => {
    const client = await context.connect();
    if (wanted === undefined) {
      const { tenant: own } = await client.me.get();
      const ofCloud = own.kind === 'operator' ? 'all' : undefined;
      const found = await client.ledger.mode({ tenantId: tenant ?? ofCloud });
      return printThing(context, found, [
        ['of', found.tenantId ?? 'the cloud'],
        ['mode', found.mode],
        ['chosen', found.isOwn ? 'for it' : 'for the cloud'],
        ['means', WORDS[found.mode]],
      ]);
    }
    const set = await client.ledger.setMode({ tenantId: tenant ?? null, mode: readMode(wanted) });
    const who = set.tenantId ?? 'Every tenant without a mode of its own';
    printDone(context, `${who}: ${set.mode}, ${WORDS[set.mode]}.`, set);
  },
});

/** Null follows the cloud. */
function readMode(word: string): LeaseModeView['mode'] | null {
  if (word === 'strict' || word === 'relaxed') return word;
  if (word === 'cloud') return null;
  throw new UsageError(`"${word}" is none of strict, relaxed and cloud.`);
}

export const modeCommands = [mode];
