/** The conversation. It follows the answer as it grows, unless the reader has scrolled up. */
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Mark } from '../shell/mark.tsx';
import { IconButton } from '../ui/button.tsx';
import { RefreshIcon, UndoIcon } from '../ui/icons.tsx';
import { AnswerView } from './answer-view.tsx';
import type { Conversation, Turn } from './conversation.ts';

/** Near enough to the end to mean "keep following". */
const FOLLOW_PIXELS = 80;

export type ThreadProps = Readonly<{
  turns: Conversation;
  isBusy: boolean;
  onSuggestion: (question: string) => void;
  onUndo: () => void;
  onRegenerate: () => void;
}>;

export function Thread({ turns, isBusy, onSuggestion, onUndo, onRegenerate }: ThreadProps) {
  const { t } = useTranslation();
  const view = useRef<HTMLDivElement>(null);
  const isFollowing = useRef(true);
  useEffect(() => {
    if (isFollowing.current) view.current?.scrollTo({ top: view.current.scrollHeight });
  });
  if (turns.length === 0) return <Suggestions onSuggestion={onSuggestion} />;
  return (
    <div
      ref={view}
      className="min-h-0 flex-1 overflow-y-auto"
      onScroll={({ currentTarget: at }) => {
        isFollowing.current = at.scrollHeight - at.scrollTop - at.clientHeight < FOLLOW_PIXELS;
      }}
    >
      <ol className="mx-auto w-full max-w-3xl space-y-8 px-3 py-6 sm:px-5">
        {turns.map((turn, index) => (
          <TurnView key={turn.id} turn={turn}>
            {index === turns.length - 1 && !isBusy && (
              <>
                <IconButton size="sm" label={t('playground.regenerate')} onClick={onRegenerate}>
                  <RefreshIcon />
                </IconButton>
                <IconButton size="sm" label={t('playground.undo')} onClick={onUndo}>
                  <UndoIcon />
                </IconButton>
              </>
            )}
          </TurnView>
        ))}
      </ol>
      <output className="sr-only">
        {isBusy ? t('playground.answering') : t('playground.answered')}
      </output>
    </div>
  );
}

type TurnViewProps = Readonly<{ turn: Turn; children: ReactNode }>;

function TurnView({ turn, children }: TurnViewProps) {
  const { t } = useTranslation();
  return (
    <li className="space-y-4">
      <div className="flex justify-end">
        <p className="max-w-[85%] rounded-xl rounded-br-sm bg-hover px-4 py-2.5 text-base break-words whitespace-pre-wrap">
          <span className="sr-only">{t('playground.you')}: </span>
          {turn.question}
        </p>
      </div>
      <AnswerView answer={turn.answer}>{children}</AnswerView>
    </li>
  );
}

const SUGGESTIONS = [
  'playground.suggestion1',
  'playground.suggestion2',
  'playground.suggestion3',
  'playground.suggestion4',
] as const;

function Suggestions({ onSuggestion }: Readonly<{ onSuggestion: (question: string) => void }>) {
  const { t } = useTranslation();
  return (
    <div className="grid min-h-0 flex-1 place-items-center overflow-y-auto px-3 py-6">
      <div className="w-full max-w-2xl">
        <Mark className="mx-auto size-10" />
        <h2 className="mt-4 text-center text-xl font-semibold tracking-tight">
          {t('playground.title')}
        </h2>
        <p className="mt-1 text-center text-base text-muted">{t('playground.text')}</p>
        <ul className="mt-7 grid gap-2 sm:grid-cols-2">
          {SUGGESTIONS.map((key) => (
            <li key={key}>
              <button
                type="button"
                onClick={() => onSuggestion(t(key))}
                className="h-full w-full rounded-xl border bg-surface px-4 py-3 text-left text-sm text-muted transition-colors hover:border-line-strong hover:text-ink"
              >
                {t(key)}
              </button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
