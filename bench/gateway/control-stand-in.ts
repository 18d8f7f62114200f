/** Control, as far as a gateway under load asks it: one key, money without end, shipments taken. */
import { createServer } from 'node:http';
import {
  LimitStandIn,
  parseShareRequests,
  shareAnswer,
} from '../../src/gateway/limits/limits-stand-in.ts';
import { measured } from './measured.ts';

const key = {
  id: 'key_bench',
  tenantId: 'ten_bench',
  projectId: 'prj_bench',
  models: null,
  expiresAtMs: null,
  role: 'developer',
};
let leases = 0;

/** Far above what is measured: every request is counted against them and none is refused. */
const limits = new LimitStandIn();
limits.set({
  requests_per_minute: 1_000_000_000,
  tokens_per_minute: 1_000_000_000_000,
  concurrency: 1_000_000,
  daily_budget: 1_000_000_000_000_000_000,
});

function answer(path: string, body: string): object {
  if (path === '/internal/v1/keys/lookup') return { key };
  if (path === '/internal/v1/leases') {
    leases += 1;
    const { amountPico } = JSON.parse(body) as { amountPico: string };
    const lease = { id: `lse_${leases}`, amountPico, expiresAtMs: Date.now() + 600_000 };
    return { lease, availablePico: '1000000000000000' };
  }
  if (path === '/internal/v1/limits/policy') return limits.policy();
  if (path === '/internal/v1/limits/shares') {
    const { gatewayId, requests } = parseShareRequests(body);
    return JSON.parse(shareAnswer(limits.grant(gatewayId, requests))) as object;
  }
  if (path.startsWith('/internal/v1/usage')) {
    const { segment, toOffset } = JSON.parse(body) as { segment: number; toOffset: number };
    return { segment, offset: toOffset };
  }
  return {};
}

await measured(
  createServer((incoming, outgoing) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      outgoing.end(JSON.stringify(answer(incoming.url ?? '', Buffer.concat(parts).toString())));
    });
  }),
);
