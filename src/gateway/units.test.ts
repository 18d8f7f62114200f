/** What is used beside tokens, from the caller's request through hold and journal to the price. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, describe, it } from 'node:test';
import { formatAmount } from '#ledger/money.ts';
import { quantitiesOf } from '#metering/usage-event.ts';
import type { PriceComponent, PricedModel } from '#pricing/price.ts';
import type { OtherUnit } from '#pricing/quantities.ts';
import { rate } from '#pricing/rate.ts';
import {
  type Cloud,
  type CloudOptions,
  type Handler,
  MODEL,
  PRICE,
  startCloud,
  startScripted,
  until,
} from './gateway-fixture.ts';

const running: (() => Promise<void>)[] = [];
after(async () => {
  for (const stop of running) await stop();
});

const YUAN = 10n ** 12n;

function priceOf(
  unit: OtherUnit,
  direction: 'input' | 'output',
  amountPico: bigint,
  more: Partial<PriceComponent> & Pick<Partial<PricedModel>, 'regions'> = {},
): PricedModel {
  const { regions, ...rest } = more;
  const component = { unit, direction, amountPico: amountPico.toString(), perUnits: 1, ...rest };
  return { ...PRICE, components: [component], ...(regions !== undefined && { regions }) };
}

async function start(
  answer: (outgoing: ServerResponse) => void,
  prices: readonly PricedModel[],
  options: CloudOptions = {},
): Promise<Cloud> {
  const handler: Handler = (_incoming, outgoing) => answer(outgoing);
  const engine = await startScripted(handler);
  const cloud = await startCloud({ engines: [engine.url], model: { prices }, ...options });
  cloud.control.availablePico = 1_000n * YUAN;
  running.push(cloud.stop, engine.stop);
  return cloud;
}

const json =
  (value: object) =>
  (outgoing: ServerResponse): void => {
    outgoing.writeHead(200, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify(value));
  };

function post(cloud: Cloud, path: string, body: object, signal?: AbortSignal): Promise<Response> {
  return fetch(cloud.url + path, {
    method: 'POST',
    headers: cloud.headers,
    body: JSON.stringify({ model: MODEL, ...body }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** What the last call was billed and what was set aside for it, by the price that was pinned. */
async function lastBill(cloud: Cloud, price: PricedModel) {
  const record = (await cloud.settled()).at(-1);
  assert.ok(record !== undefined);
  const billed = rate(quantitiesOf(record), price).amountPico;
  return {
    units: record.units ?? [],
    attributes: record.attributes ?? {},
    billed: formatAmount(billed),
    held: formatAmount(BigInt(record.holdPico)),
  };
}

describe('images', () => {
  const price = priceOf('image', 'output', (YUAN * 2n) / 10n, {
    when: { resolution: '1024x1024' },
  });

  it('are held for as many as were asked for, and paid as many as were made', async () => {
    const cloud = await start(json({ data: [{ url: 'https://a' }, { error: 'refused' }] }), [
      price,
    ]);

    await (
      await post(cloud, '/v1/images/generations', { prompt: 'x', n: 2, size: '1024x1024' })
    ).text();

    assert.deepEqual(await lastBill(cloud, price), {
      units: [{ unit: 'image', direction: 'output', count: 1 }],
      attributes: { resolution: '1024x1024' },
      billed: '0.2',
      held: '0.4',
    });
  });

  it('that nobody asked for are counted in the metrics and not in the bill', async () => {
    const cloud = await start(json({ data: [{ url: 'a' }, { url: 'b' }, { url: 'c' }] }), [price]);

    await (await post(cloud, '/v1/images/generations', { prompt: 'x', size: '1024x1024' })).text();

    assert.equal((await lastBill(cloud, price)).billed, '0.2');
    assert.match(
      await cloud.gateway.metricsText(),
      /usage_clamped_total\{rule="units_over_expected"\} 1/,
    );
  });

  it('of an engine that fails cost nothing', async () => {
    const cloud = await start(
      (outgoing) => {
        outgoing.writeHead(500).end('{}');
      },
      [price],
    );

    await (await post(cloud, '/v1/images/generations', { prompt: 'x' })).text();

    const bill = await lastBill(cloud, price);
    assert.deepEqual([bill.units, bill.billed], [[], '0']);
  });
});

describe('speech', () => {
  /** Three seconds of silence, as a WAVE whose head promises no end. */
  const sound = Buffer.concat([
    Buffer.from(
      '52494646ffffffff57415645666d74201000000001000100803e0000007d0000020010006461746100000000',
      'hex',
    ),
    Buffer.alloc(96_000),
  ]);
  const speaking = (outgoing: ServerResponse): void => {
    outgoing.writeHead(200, { 'content-type': 'audio/wav' });
    outgoing.end(sound);
  };

  it('is paid by the character', async () => {
    const price = priceOf('character', 'input', 15_000_000n);
    const cloud = await start(speaking, [price]);

    await (
      await post(cloud, '/v1/audio/speech', { input: '你好，世界', voice: 'a' })
    ).arrayBuffer();

    const { billed, held } = await lastBill(cloud, price);
    assert.deepEqual([billed, held], ['0.000075', '0.000075']);
  });

  it('is paid by the second of what was spoken', async () => {
    const price = priceOf('second', 'output', YUAN / 1_000n);
    const cloud = await start(speaking, [price]);

    await (
      await post(cloud, '/v1/audio/speech', { input: '你好，世界', voice: 'a' })
    ).arrayBuffer();

    const { billed, held } = await lastBill(cloud, price);
    assert.deepEqual([billed, held], ['0.003', '0.01']);
  });

  it('that its caller cut short was made all the same', async () => {
    const price = priceOf('character', 'input', 15_000_000n);
    const cloud = await start(
      (outgoing) => {
        outgoing.writeHead(200, { 'content-type': 'audio/wav' });
        outgoing.write(sound);
      },
      [price],
    );
    const leaving = new AbortController();
    const response = await post(
      cloud,
      '/v1/audio/speech',
      { input: 'Hello', voice: 'a' },
      leaving.signal,
    );
    await response.body?.getReader().read();
    leaving.abort();
    await until(() => cloud.gateway.counts().live === 0);

    assert.equal((await lastBill(cloud, price)).billed, '0.000075');
  });
});

describe('what is heard', () => {
  const form = (sound: Buffer): FormData => {
    const data = new FormData();
    data.append('model', MODEL);
    data.append('file', new Blob([new Uint8Array(sound)]), 'a.webm');
    return data;
  };
  const price = priceOf('second', 'input', YUAN / 10_000n);

  async function hear(cloud: Cloud, sound: Buffer): Promise<void> {
    const { 'content-type': _json, ...headers } = cloud.headers;
    const response = await fetch(`${cloud.url}/v1/audio/transcriptions`, {
      method: 'POST',
      headers,
      body: form(sound),
    });
    await response.text();
  }

  it('is paid by the seconds that the engine heard', async () => {
    const cloud = await start(json({ text: 'Hi', usage: { type: 'duration', seconds: 9 } }), [
      price,
    ]);

    await hear(cloud, Buffer.alloc(20_000));

    const { billed, held } = await lastBill(cloud, price);
    assert.deepEqual([billed, held], ['0.0009', '0.002']);
  });

  it('is measured here where the engine says nothing', async () => {
    const cloud = await start(
      (outgoing) => {
        outgoing.writeHead(200, { 'content-type': 'text/plain' }).end('Hi');
      },
      [price],
    );

    await hear(cloud, Buffer.alloc(80_000));

    assert.equal((await lastBill(cloud, price)).billed, '0.0002');
  });
});

describe('videos, pages and requests', () => {
  it('are paid by the second in their resolution', async () => {
    const price = priceOf('video_second', 'output', YUAN / 2n, { when: { resolution: '720p' } });
    const cloud = await start(json({ data: [{ url: 'a' }], usage: { video_duration: 5 } }), [
      price,
    ]);

    const body = { prompt: 'x', seconds: 8, resolution: '720P' };
    await (await post(cloud, '/v1/videos/generations', body)).text();

    const { billed, held } = await lastBill(cloud, price);
    assert.deepEqual([billed, held], ['2.5', '4']);
  });

  it('are paid by the page that was read', async () => {
    const price = priceOf('page', 'input', YUAN / 1_000n);
    const cloud = await start(json({ pages: [{}, {}], usage_info: { pages_processed: 2 } }), [
      price,
    ]);

    const document = { type: 'document_url', document_url: 'https://x/a.pdf' };
    await (await post(cloud, '/v1/ocr', { document, pages: [0, 1, 2] })).text();

    const { billed, held } = await lastBill(cloud, price);
    assert.deepEqual([billed, held], ['0.002', '0.003']);
  });

  it('are paid by the request, and dearer where a region is', async () => {
    const price = priceOf('request', 'input', YUAN / 100n, { regions: { local: '1.5' } });
    const cloud = await start(json({ results: [{ index: 0, relevance_score: 1 }] }), [price]);

    await (await post(cloud, '/v1/rerank', { query: 'q', documents: ['a'] })).text();

    assert.deepEqual(await lastBill(cloud, price), {
      units: [{ unit: 'request', direction: 'input', count: 1 }],
      attributes: { region: 'local' },
      billed: '0.015',
      held: '0.015',
    });
  });
});
