/** A node's calls to control, with the join token and a timeout each. */
import { type SyncAnswer, type NodeReport, syncAnswerSchema } from '../sync.ts';
import { failFleet } from '../errors.ts';

export type ControlClient = Readonly<{
  /** Raises `control.refused`, or the network's error. */
  sync: (report: NodeReport, signal: AbortSignal) => Promise<SyncAnswer>;
  /** Bytes of a blob from `offset`. Raises `blob.unavailable`. */
  readBlob: (
    sha256: string,
    offset: number,
    signal: AbortSignal,
  ) => Promise<ReadableStream<Uint8Array>>;
}>;

/** Control holds a report for five seconds; three times that means it is gone. */
const SYNC_TIMEOUT_MS = 15_000;
const BLOB_FIRST_BYTE_TIMEOUT_MS = 30_000;

export function createControlClient(options: {
  controlUrl: string;
  joinToken: string;
}): ControlClient {
  const headers = { authorization: `Bearer ${options.joinToken}` };
  return {
    sync: async (report, signal) => {
      const response = await fetch(`${options.controlUrl}/internal/v1/nodes/sync`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(report),
        signal: AbortSignal.any([signal, AbortSignal.timeout(SYNC_TIMEOUT_MS)]),
      });
      if (!response.ok) {
        await response.body?.cancel();
        const why =
          response.status === 401 || response.status === 403
            ? 'The join token is not the one control has; set FLYWHEEL_JOIN_TOKEN.'
            : `Control answered ${response.status}.`;
        throw failFleet('control.refused', why);
      }
      return syncAnswerSchema.parse(await response.json());
    },
    readBlob: async (sha256, offset, signal) => {
      const starting = new AbortController();
      const timer = setTimeout(() => starting.abort(), BLOB_FIRST_BYTE_TIMEOUT_MS);
      const response = await fetch(`${options.controlUrl}/internal/v1/blobs/${sha256}`, {
        headers: offset === 0 ? headers : { ...headers, range: `bytes=${offset}-` },
        signal: AbortSignal.any([signal, starting.signal]),
      });
      clearTimeout(timer);
      const isExpected = response.status === (offset === 0 ? 200 : 206);
      if (isExpected && response.body !== null) return response.body;
      await response.body?.cancel();
      throw failFleet(
        'blob.unavailable',
        `Control answered ${response.status} for the blob ${sha256.slice(0, 12)}….`,
      );
    },
  };
}
