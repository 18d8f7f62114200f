/** The laws between gateways and control: every record of a journal arrived, and every call it was of is counted. */
import { type Law, pageOf } from '#ledger/law.ts';
import { auditJournals, auditTaken, selectNextHour } from './shipped-store.ts';

const HOUR_MS = 60 * 60_000;

/** Sums by the hour of a step: some thousand small rows. */
const HOURS_PER_STEP = 7 * 24;

const RECENT_MS = 2 * HOUR_MS;

const journals: Law = {
  name: 'journals',
  says: 'Every record that a gateway wrote arrived: their numbers have no gap.',
  limit: 500,
  page: async (database, { after, limit }) => {
    const [gatewayId = '', run = ''] = (after ?? '').split(' ');
    const rows = await auditJournals(database, { after: [gatewayId, run], limit });
    const findings = rows
      .filter(({ count }) => count > 0)
      .map((row) => ({
        law: 'the records of a journal have no gap',
        subject: `journal ${row.gatewayId}/${row.run}`,
        detail: `${row.count} records never came: ${row.missing}`,
      }));
    const last = rows.at(-1);
    const cursor = last === undefined ? null : `${last.gatewayId} ${last.run}`;
    return pageOf({ examined: rows.length, limit, last: cursor, findings });
  },
};

const shipments: Law = {
  name: 'shipments',
  says: 'The calls of every hour are those that shipments recorded.',
  limit: HOURS_PER_STEP,
  recent: async (_, nowMs) =>
    new Date(Math.floor((nowMs - RECENT_MS) / HOUR_MS) * HOUR_MS).toISOString(),
  page: async (database, { after, limit }) => {
    const fromMs = await selectNextHour(database, Date.parse(after ?? new Date(0).toISOString()));
    if (fromMs === null) return { examined: 0, after: null, findings: [] };
    const toMs = fromMs + limit * HOUR_MS;
    const rows = await auditTaken(database, { fromMs, toMs });
    const wrong = rows.filter(
      (row) => row.taken !== row.counted || row.takenPico !== row.countedPico,
    );
    const findings = wrong.map((row) => ({
      law: 'the calls of an hour are those that were shipped',
      subject: `hour ${row.hour.toISOString()} of ${row.gateways}`,
      detail: `shipments recorded ${row.taken} calls for ${row.takenPico} pico, counted are ${row.counted} for ${row.countedPico}`,
    }));
    return { examined: rows.length, after: new Date(toMs).toISOString(), findings };
  },
};

export const SHIPPING_LAWS: readonly Law[] = [journals, shipments];
