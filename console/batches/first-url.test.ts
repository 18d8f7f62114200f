import assert from 'node:assert/strict';
import { it } from 'node:test';
import { endpointOf } from './first-url.ts';

it('a batch calls what its first line calls', () => {
  const line = (url: string): string => `\n{"custom_id":"a","url" : "${url}","body":{}}\nrest`;

  assert.equal(endpointOf(line('/v1/embeddings')), '/v1/embeddings');
  assert.equal(endpointOf(line('/v1/images')), null);
  assert.equal(endpointOf('{"custom_id":"a"}\n{"url":"/v1/embeddings"}'), null);
  assert.equal(endpointOf(''), null);
});
