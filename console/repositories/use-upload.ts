/** An upload as the page holds it: its files, whether it runs, what went wrong. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { RepositoryAddress } from './address.ts';
import { refresh } from './queries.ts';
import { type Offered, type UploadItem, addFiles, change, isDone } from './upload-plan.ts';
import { type Memory, uploadItems } from './upload-run.ts';

export type UploadTo = Readonly<{ at: RepositoryAddress; revision: string; folder: string }>;

export type UploadEnd = Readonly<{ kind: 'committed' | 'nothing'; pullRequestUrl: string | null }>;

export function useUpload({ at, revision, folder }: UploadTo) {
  const queries = useQueryClient();
  const [items, setItems] = useState<readonly UploadItem[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [isRunning, setIsRunning] = useState(false);
  const memory = useRef<Memory>(new Map());
  const abort = useRef<AbortController | null>(null);
  useLeaveGuard(isRunning);
  useEffect(() => () => abort.current?.abort(), []);

  const start = async (
    told: Readonly<{ summary: string; isPull: boolean }>,
  ): Promise<UploadEnd | null> => {
    const controller = new AbortController();
    abort.current = controller;
    setIsRunning(true);
    setError(null);
    setItems((now) => now.map((item) => (isDone(item) ? item : { ...item, state: 'waiting' })));
    try {
      const made = await uploadItems(
        { at, revision, items, ...told },
        memory.current,
        (path, part) => setItems((now) => change(now, path, part)),
        controller.signal,
      );
      await refresh(queries, at);
      const pullRequestUrl = made?.pullRequestUrl ?? null;
      return { kind: made === null ? 'nothing' : 'committed', pullRequestUrl };
    } catch (failure) {
      if (!controller.signal.aborted) setError(failure);
      return null;
    } finally {
      // What else was under way waits for the next try.
      controller.abort();
      setIsRunning(false);
    }
  };
  return {
    items,
    error,
    isRunning,
    add: (offered: readonly Offered[]): void => setItems((now) => addFiles(now, folder, offered)),
    remove: (path: string): void => setItems((now) => now.filter((item) => item.path !== path)),
    start,
    stop: (): void => abort.current?.abort(),
  };
}

export type Upload = ReturnType<typeof useUpload>;

/** A browser asks before it leaves a page that is sending. */
function useLeaveGuard(isRunning: boolean): void {
  useEffect(() => {
    if (!isRunning) return undefined;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [isRunning]);
}
