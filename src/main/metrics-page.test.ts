import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { joinMetrics } from './metrics-page.ts';

describe('the metrics of several gateways', () => {
  it('are one page: each family once, each sample with its worker', () => {
    const page = (count: number): string =>
      [
        '# HELP requests_total Requests.',
        '# TYPE requests_total counter',
        `requests_total{model="a b",status="200"} ${count}`,
        '',
        '# HELP live Live ones.',
        '# TYPE live gauge',
        `live ${count}`,
        '',
      ].join('\n');

    const joined = joinMetrics([
      { worker: 1, text: page(3) },
      { worker: 4, text: page(5) },
    ]);

    assert.equal(
      joined,
      [
        '# HELP requests_total Requests.',
        '# TYPE requests_total counter',
        'requests_total{worker="1",model="a b",status="200"} 3',
        'requests_total{worker="4",model="a b",status="200"} 5',
        '# HELP live Live ones.',
        '# TYPE live gauge',
        'live{worker="1"} 3',
        'live{worker="4"} 5',
        '',
      ].join('\n'),
    );
  });
});
