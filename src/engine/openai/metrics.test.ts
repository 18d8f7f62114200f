import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { meanBetween, parseMetrics } from './metrics.ts';

describe('metrics of attached servers', () => {
  it('reads what vLLM writes', () => {
    const { stats, firstToken, perToken } = parseMetrics(`
# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="m"} 3.0
vllm:num_requests_running{engine="1",model_name="m"} 1.0
vllm:num_requests_waiting{engine="0",model_name="m"} 2.0
vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.25
vllm:prefix_cache_hits_total{engine="0",model_name="m"} 1234.0
vllm:time_to_first_token_seconds_sum{engine="0",model_name="m"} 4.5
vllm:time_to_first_token_seconds_count{engine="0",model_name="m"} 9.0
vllm:inter_token_latency_seconds_sum{engine="0",model_name="m"} 2.0
vllm:inter_token_latency_seconds_count{engine="0",model_name="m"} 100.0
`);

    assert.equal(stats.running, 4);
    assert.equal(stats.waiting, 2);
    assert.equal(stats.kvUse, 0.25);
    assert.equal(stats.cachedTokens, 1_234);
    assert.deepEqual(firstToken, { sumMs: 4_500, count: 9 });
    assert.deepEqual(perToken, { sumMs: 2_000, count: 100 });
  });

  it('reads what llama-server writes and leaves the rest open', () => {
    const { stats } = parseMetrics(
      'llamacpp:requests_processing 1\nllamacpp:requests_deferred 5\n',
    );

    assert.equal(stats.running, 1);
    assert.equal(stats.waiting, 5);
    assert.equal(stats.kvUse, null);
    assert.equal(stats.timePerTokenMs, null);
  });

  it('has no numbers for a server that offers none', () => {
    assert.equal(parseMetrics('<html>404</html>').stats.running, null);
  });

  it('takes the mean of what happened between two readings', () => {
    assert.equal(meanBetween({ sumMs: 100, count: 10 }, { sumMs: 160, count: 12 }), 30);
    assert.equal(meanBetween({ sumMs: 100, count: 10 }, { sumMs: 100, count: 10 }), null);
    assert.equal(meanBetween({ sumMs: 900, count: 90 }, { sumMs: 20, count: 2 }), 10);
    assert.equal(meanBetween(null, null), null);
  });
});
