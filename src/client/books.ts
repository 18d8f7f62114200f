/** Whether the books agree: what is known, and checks over everything, which take their time. */
import type { BookCheck, Books } from '#reconciliation/api.ts';
import type { Transport } from './transport.ts';

type Options = Readonly<{ signal?: AbortSignal | undefined; timeoutMs?: number }>;

/** Often enough to watch, and a few dozen questions a minute. */
const ASK_EVERY_MS = 300;

export function bookCalls(transport: Transport) {
  const at = '/cloud/v1/books';
  const startCheck = (options?: Options): Promise<BookCheck> =>
    transport.json({ method: 'POST', path: `${at}/checks`, ...options });
  /** Raises 404 `books.check_unknown`. */
  const check = (id: string, options?: Options): Promise<BookCheck> =>
    transport.json({ path: `${at}/checks/${encodeURIComponent(id)}`, ...options });
  return {
    /** What is known now, without looking again. */
    get: (options?: Options): Promise<Books> => transport.json({ path: at, ...options }),
    startCheck,
    check,
    /** Begins a check, or joins the one that runs, and waits for its end. */
    verify: async (
      options: Options & Readonly<{ onProgress?: (check: BookCheck) => void }> = {},
    ): Promise<BookCheck> => {
      const { onProgress, ...call } = options;
      let found = await startCheck(call);
      while (found.state === 'running') {
        onProgress?.(found);
        await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
        found = await check(found.id, call);
      }
      return found;
    },
  };
}
