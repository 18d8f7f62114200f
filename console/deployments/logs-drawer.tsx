/** What the engines of a deployment say, as they say it. Follows the end unless the reader scrolls up. */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Banner } from '../ui/notice.tsx';

/** Older lines are let go: a browser holds this many without slowing down. */
const LINES_MAX = 2000;
/** Near enough to the end to mean "keep following". */
const FOLLOW_PIXELS = 40;

export type LogsDrawerProps = Readonly<{ deploymentId: string; onClose: () => void }>;

export function LogsDrawer({ deploymentId, onClose }: LogsDrawerProps) {
  const { t } = useTranslation();
  const { lines, error } = useLogLines(deploymentId);
  const view = useRef<HTMLDivElement>(null);
  const isFollowing = useRef(true);
  useEffect(() => {
    if (isFollowing.current) view.current?.scrollTo({ top: view.current.scrollHeight });
  });
  return (
    <Dialog
      place="right"
      width="52rem"
      isOpen
      onClose={onClose}
      title={t('deployments.logs')}
      description={t('deployments.logsText')}
      closeLabel={t('action.close')}
    >
      <div className="flex h-full flex-col gap-3">
        {error !== null && <Banner tone="bad">{describeFailure(error)}</Banner>}
        <div
          ref={view}
          role="log"
          aria-label={t('deployments.logs')}
          // A region that scrolls must be reachable by keyboard.
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
          onScroll={({ currentTarget: at }) => {
            isFollowing.current = at.scrollHeight - at.scrollTop - at.clientHeight < FOLLOW_PIXELS;
          }}
          className="min-h-0 flex-1 overflow-auto rounded-lg border bg-inset p-3.5 font-mono text-xs leading-5 whitespace-pre-wrap"
        >
          {lines.length === 0 ? (
            <span className="text-faint">{t('deployments.logsEmpty')}</span>
          ) : (
            lines.join('\n')
          )}
        </div>
        <div className="flex items-center justify-between text-xs text-muted">
          {t('deployments.lines', { count: lines.length })}
          <CopyButton
            hasText
            text={lines.join('\n')}
            label={t('action.copy')}
            doneLabel={t('action.copied')}
          />
        </div>
      </div>
    </Dialog>
  );
}

function useLogLines(deploymentId: string): Readonly<{ lines: readonly string[]; error: unknown }> {
  const [lines, setLines] = useState<readonly string[]>([]);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const leaving = new AbortController();
    const read = async (): Promise<void> => {
      setLines([]);
      setError(null);
      const stream = cloud.deployments.logs(deploymentId, { follow: true, signal: leaving.signal });
      try {
        for await (const line of stream) {
          setLines((now) => [...now.slice(-LINES_MAX + 1), line]);
        }
      } catch (failure) {
        if (!leaving.signal.aborted) setError(failure);
      }
    };
    void read();
    return () => leaving.abort();
  }, [deploymentId]);
  return { lines, error };
}
