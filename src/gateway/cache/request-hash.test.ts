import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseCacheControl } from './cache-control.ts';
import { planCache } from './cache-policy.ts';
import { canonical, hashRequest } from './request-hash.ts';

const REQUEST = {
  tenantId: 'ten_one',
  projectId: 'prj_one',
  generation: 1,
  form: ['/v1/chat/completions'],
  revisions: ['mdl_one', 'dep_one'],
  body: { model: 'm', messages: [{ role: 'user', content: 'Hi' }], temperature: 0 },
};

describe('the name of a request', () => {
  it('does not depend on the order of fields or revisions, nor on who asks', () => {
    const name = hashRequest(REQUEST);
    const { model, messages, temperature } = REQUEST.body;

    assert.equal(hashRequest({ ...REQUEST, revisions: ['dep_one', 'mdl_one'] }), name);
    assert.equal(
      hashRequest({ ...REQUEST, body: { user: 'anna', temperature, messages, model } }),
      name,
    );
  });

  it('depends on everything else', () => {
    const { body } = REQUEST;
    const names = [
      REQUEST,
      { ...REQUEST, tenantId: 'ten_two' },
      { ...REQUEST, projectId: 'prj_two' },
      { ...REQUEST, generation: 2 },
      { ...REQUEST, form: ['/v1/messages'] },
      { ...REQUEST, revisions: ['mdl_one', 'dep_two'] },
      { ...REQUEST, body: { ...body, temperature: 0.5 } },
      { ...REQUEST, body: { ...body, stream: true } },
      { ...REQUEST, body: { ...body, messages: [{ role: 'user', content: 'Hi ' }] } },
      { ...REQUEST, body: { ...body, messages: [{ role: 'system', content: 'Hi' }] } },
      { ...REQUEST, body: { ...body, odd: null } },
    ].map(hashRequest);

    assert.equal(new Set(names).size, names.length);
  });

  it('is one for one value, and another for another', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        const isSame = canonical(left) === canonical(right);
        const copy: unknown = JSON.parse(JSON.stringify(left));
        assert.equal(canonical(copy), canonical(left));
        if (isSame) assert.deepEqual(JSON.parse(canonical(left)), JSON.parse(canonical(right)));
      }),
    );
  });
});

describe('what callers ask of the cache', () => {
  it('is read as the standard has it, and what is no directive is nothing', () => {
    assert.deepEqual(parseCacheControl(undefined), {
      noStore: false,
      noCache: false,
      maxAgeMs: null,
      onlyIfCached: false,
    });
    assert.equal(parseCacheControl('No-Store').noStore, true);
    assert.equal(parseCacheControl('no-cache, max-age=5').maxAgeMs, 5_000);
    assert.equal(parseCacheControl(['max-age="7"', 'only-if-cached']).maxAgeMs, 7_000);
    for (const odd of ['max-age=-1', 'max-age=soon', 'max-age', 'no-store-please', '=,;=,,']) {
      assert.deepEqual(parseCacheControl(odd), parseCacheControl(undefined), odd);
    }
  });

  it('decides which answers count', () => {
    const settings = {
      tenantId: 't',
      projectId: 'p',
      generation: 1,
      ttlMs: 60_000,
      entryBytesMax: 1,
      bytesMax: 1,
      entriesMax: 1,
      cachesSampled: false,
    };
    const plan = (fields: object, control?: string, sampled = false) =>
      planCache(
        { operation: 'chat', fields: { ...fields }, bytes: { length: 10 } },
        parseCacheControl(control),
        { ...settings, cachesSampled: sampled },
      );

    assert.equal(plan({}), null);
    assert.equal(plan({ temperature: 0.7 }), null);
    assert.notEqual(plan({ temperature: 0 }), null);
    assert.notEqual(plan({ seed: 7 }), null);
    assert.notEqual(plan({}, undefined, true), null);
    assert.equal(plan({}, 'max-age=5')?.maxAgeMs, 5_000);
    assert.equal(plan({}, 'max-age=500')?.maxAgeMs, 60_000);
    assert.equal(plan({ temperature: 0 }, 'no-store'), null);
    assert.equal(plan({ temperature: 0 }, 'no-cache')?.mayRead, false);
    const embeddings = { operation: 'embeddings', fields: {}, bytes: { length: 10 } } as const;
    assert.notEqual(planCache(embeddings, parseCacheControl(undefined), settings), null);
    const huge = { ...embeddings, bytes: { length: 2 * 1024 * 1024 } };
    assert.equal(planCache(huge, parseCacheControl(undefined), settings), null);
  });
});
