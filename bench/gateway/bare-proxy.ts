/**
 * The baseline: what node:http and undici cost for carrying the bytes and nothing else. No key is
 * checked, no body read, nothing counted.
 */
import { createServer } from 'node:http';
import { Agent } from 'undici';
import { measured } from './measured.ts';

const origin = process.argv[2] ?? '';
const agent = new Agent({ pipelining: 1 });

await measured(
  createServer((incoming, outgoing) => {
    const { 'content-type': type = '', 'content-length': length = '0' } = incoming.headers;
    agent.dispatch(
      {
        origin,
        path: incoming.url ?? '/',
        method: 'POST',
        headers: ['content-type', type, 'content-length', length],
        body: incoming,
      },
      {
        onRequestStart: () => {},
        onResponseStart: (_controller, status, headers) => {
          const kept: Record<string, string | string[]> = {};
          for (const name of ['content-type', 'content-length']) {
            const value = headers[name];
            if (value !== undefined) kept[name] = value;
          }
          outgoing.writeHead(status, kept);
        },
        onResponseData: (controller, chunk) => {
          if (!outgoing.write(chunk)) {
            controller.pause();
            outgoing.once('drain', () => controller.resume());
          }
        },
        onResponseEnd: () => {
          outgoing.end();
        },
        onResponseError: () => {
          outgoing.destroy();
        },
      },
    );
  }),
);
