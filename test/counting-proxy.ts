/** For tests: passes HTTP on to another address and counts what bodies of `PUT` carry. */
import { type IncomingMessage, type ServerResponse, createServer, request } from 'node:http';
import { after } from 'node:test';

export type CountingProxy = Readonly<{ url: string; putBytes: () => number }>;

export async function startCountingProxy(target: string): Promise<CountingProxy> {
  let putBytes = 0;
  const { hostname, port } = new URL(target);
  const pass = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { method, url: path, headers } = incoming;
    const onward = request({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.on('close', () => {
      if (!incoming.complete) onward.destroy();
    });
    if (method === 'PUT') incoming.on('data', (part: Buffer) => (putBytes += part.length));
    incoming.pipe(onward);
  };
  const server = createServer(pass);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return { url: `http://127.0.0.1:${address.port}`, putBytes: () => putBytes };
}
