/** Finds out before anything starts whether the front door's port is free. */
import { createServer } from 'node:net';
import { codeOf, defineErrors } from '#platform/error.ts';

const fail = defineErrors({ 'port.in_use': { status: 500 }, 'port.refused': { status: 500 } });

/** Raises `port.in_use` or `port.refused`, with what to do about it. Returns a free port for 0. */
export async function probePort(address: { host: string; port: number }): Promise<number> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(address.port, address.host, resolve);
    });
    const bound = server.address();
    return typeof bound === 'object' && bound !== null ? bound.port : address.port;
  } catch (error) {
    throw explain(error, address);
  } finally {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  }
}

function explain(error: unknown, { host, port }: { host: string; port: number }): unknown {
  const code = codeOf(error) ?? '';
  if (code === 'EADDRINUSE') {
    const other = port === 65_535 ? 8080 : port + 1;
    return fail(
      'port.in_use',
      `Port ${port} is already in use. Stop what uses it, or choose another: FLYWHEEL_PORT=${other} npm start`,
    );
  }
  if (code === 'EACCES') {
    return fail(
      'port.refused',
      `This user may not listen on port ${port}. Set FLYWHEEL_PORT to one above 1023.`,
    );
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return fail(
      'port.refused',
      `${host} is no address of this machine. Set FLYWHEEL_HOST to 127.0.0.1 or 0.0.0.0.`,
    );
  }
  return error;
}
