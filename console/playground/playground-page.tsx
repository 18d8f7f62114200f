/** Talk to a model, see how it answers, how fast, and what it cost. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { deploymentsQuery, useServedNames } from '../deployments/queries.ts';
import type { PlaygroundSearch } from '../search.ts';
import { Failure } from '../shell/failure.tsx';
import { buttonClass } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { ServerIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { CodeDialog } from './code-dialog.tsx';
import { Composer } from './composer.tsx';
import { SettingsPanel } from './settings-panel.tsx';
import { Thread } from './thread.tsx';
import { Toolbar } from './toolbar.tsx';
import { type CallSettings, useConversation } from './use-conversation.ts';

const route = getRouteApi('/signed-in/playground');

export function PlaygroundPage() {
  const { data, error, refetch } = useInfiniteQuery(deploymentsQuery);
  const names = useServedNames();
  if (data === undefined) {
    return (
      <div className="mx-auto w-full max-w-2xl p-6">
        {error === null ? (
          <Skeleton className="h-40 rounded-xl" />
        ) : (
          <Failure error={error} onRetry={() => void refetch()} />
        )}
      </div>
    );
  }
  return names.length === 0 ? <NothingServed /> : <Playground names={names} />;
}

function NothingServed() {
  const { t } = useTranslation();
  return (
    <Empty
      icon={ServerIcon}
      title={t('playground.nothing')}
      action={
        <Link to="/deployments" search={{ create: 'new' }} className={buttonClass('primary')}>
          {t('deployments.create')}
        </Link>
      }
    >
      {t('playground.nothingText')}
    </Empty>
  );
}

function Playground({ names }: Readonly<{ names: readonly string[] }>) {
  const { t } = useTranslation();
  const [settings, change] = useSettings(names);
  const [draft, setDraft] = useState('');
  const [open, setOpen] = useState<'settings' | 'code' | null>(null);
  const conversation = useConversation(settings);
  const send = (question: string): void => {
    setDraft('');
    conversation.send(question);
  };
  const panel = <SettingsPanel settings={settings} names={names} onChange={change} />;
  return (
    <div className="flex h-[calc(100dvh-3.5rem)] min-h-0">
      <section aria-label={t('nav.playground')} className="flex min-w-0 flex-1 flex-col">
        <title>{`${t('nav.playground')} · Flywheel`}</title>
        <h1 className="sr-only">{t('nav.playground')}</h1>
        <Toolbar
          settings={settings}
          names={names}
          onChange={change}
          isEmpty={conversation.turns.length === 0}
          onClear={conversation.clear}
          onCode={() => setOpen('code')}
          onSettings={() => setOpen('settings')}
        />
        <Thread
          turns={conversation.turns}
          isBusy={conversation.isBusy}
          onSuggestion={send}
          onUndo={() => setDraft(conversation.undo())}
          onRegenerate={conversation.regenerate}
        />
        <Composer
          draft={draft}
          onDraft={setDraft}
          isBusy={conversation.isBusy}
          onSend={send}
          onStop={conversation.stop}
        />
      </section>
      <aside
        aria-label={t('playground.settings')}
        className="hidden w-76 shrink-0 overflow-y-auto border-l px-5 py-5 xl:block"
      >
        {panel}
      </aside>
      <Dialog
        place="right"
        width="22rem"
        isOpen={open === 'settings'}
        onClose={() => setOpen(null)}
        title={t('playground.settings')}
        closeLabel={t('action.close')}
      >
        {panel}
      </Dialog>
      {open === 'code' && (
        <CodeDialog
          settings={settings}
          turns={conversation.turns}
          draft={draft}
          onClose={() => setOpen(null)}
        />
      )}
    </div>
  );
}

/** What a call is made with until the address says otherwise. */
const DEFAULTS = { temperature: 0.7, topP: 0.95, maxTokens: 1024 } as const;

function useSettings(
  names: readonly string[],
): readonly [CallSettings, (change: Partial<CallSettings>) => void] {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/playground' });
  // A system prompt may be long and private: it stays out of the address.
  const [system, setSystem] = useState('');
  const settings = useMemo<CallSettings>(
    () => ({
      model: search.model ?? names[0] ?? '',
      system,
      temperature: search.temperature ?? DEFAULTS.temperature,
      topP: search.topP ?? DEFAULTS.topP,
      maxTokens: search.maxTokens ?? DEFAULTS.maxTokens,
      thinking: search.thinking,
    }),
    [search, names, system],
  );
  const change = ({ system: nextSystem, ...rest }: Partial<CallSettings>): void => {
    if (nextSystem !== undefined) setSystem(nextSystem);
    if (Object.keys(rest).length === 0) return;
    void navigate({ search: (now) => withSettings(now, rest), replace: true });
  };
  return [settings, change];
}

function withSettings(
  now: PlaygroundSearch,
  { thinking, ...change }: Omit<Partial<CallSettings>, 'system'>,
): PlaygroundSearch {
  const next: PlaygroundSearch = {
    ...now,
    ...change,
    ...(thinking === undefined ? {} : { thinking }),
  };
  return next;
}
