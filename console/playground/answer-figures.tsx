/** What an answer took: speed as it streams, tokens and the exact cost once the ledger has it. */
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format/format.ts';
import { EventDrawer } from '../usage/event-drawer.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { type Answer, generatedTokens, isRunning, speedOf } from './conversation.ts';
import { callQuery } from './queries.ts';

export function AnswerFigures({ answer }: Readonly<{ answer: Answer }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { firstTokenMs, tokensPerSecond } = speedOf(answer);
  const input =
    answer.usage === null ? null : answer.usage.inputTokens + answer.usage.cacheReadTokens;
  return (
    <dl className="ml-1 flex flex-wrap items-center gap-x-4 gap-y-1 text-xs tabular">
      {tokensPerSecond !== null && (
        <Figure name="speed" label={t('figure.speed')}>
          {t('figure.perSecond', { count: Number(tokensPerSecond.toFixed(1)) })}
        </Figure>
      )}
      {firstTokenMs !== null && (
        <Figure name="first-token" label={t('figure.firstToken')}>
          {format.duration(firstTokenMs)}
        </Figure>
      )}
      {(generatedTokens(answer) > 0 || input !== null) && (
        <Figure name="tokens" label={t('figure.tokens')}>
          {input !== null && `${format.number(input)} → `}
          {format.number(generatedTokens(answer))}
        </Figure>
      )}
      {wasAdmitted(answer) && answer.requestId !== null && <Cost requestId={answer.requestId} />}
    </dl>
  );
}

/** A call that was refused before its first token costs nothing, and has no event to wait for. */
function wasAdmitted(answer: Answer): boolean {
  if (isRunning(answer)) return false;
  return answer.state !== 'failed' || answer.firstTokenAtMs !== null;
}

function Cost({ requestId }: Readonly<{ requestId: string }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, isFetching } = useQuery(callQuery(requestId));
  const [isOpen, setIsOpen] = useState(false);
  if (data === undefined && !isFetching) return null;
  return (
    <Figure name="cost" label={t('figure.cost')}>
      {data === undefined ? (
        <Skeleton className="inline-block h-3 w-16 align-middle" />
      ) : (
        <button
          type="button"
          onClick={() => setIsOpen(true)}
          className="font-medium text-accent underline decoration-accent-line/40 underline-offset-2 hover:decoration-accent-line"
        >
          {format.money(data.amount, data.currency)}
        </button>
      )}
      {isOpen && <EventDrawer requestId={requestId} onClose={() => setIsOpen(false)} />}
    </Figure>
  );
}

type FigureProps = Readonly<{ name: string; label: string; children: ReactNode }>;

function Figure({ name, label, children }: FigureProps) {
  return (
    <div data-figure={name} className="flex items-center gap-1.5">
      <dt className="text-faint">{label}</dt>
      <dd className="text-muted">{children}</dd>
    </div>
  );
}
