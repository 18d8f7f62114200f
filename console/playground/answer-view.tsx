/** One answer: its reasoning folded away, its text, how it ended, and what it took. */
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Markdown } from '../markdown/markdown.tsx';
import { describeFailure } from '../shell/failure.tsx';
import { classNames } from '../ui/class-names.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { ChevronRightIcon, ThinkIcon } from '../ui/icons.tsx';
import { Banner } from '../ui/notice.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { AnswerFigures } from './answer-figures.tsx';
import { type Answer, isRunning } from './conversation.ts';

export type AnswerViewProps = Readonly<{ answer: Answer; children: ReactNode }>;

export function AnswerView({ answer, children }: AnswerViewProps) {
  const { t } = useTranslation();
  return (
    <div className="space-y-3" data-answer={answer.state}>
      {answer.reasoning !== '' && <Reasoning answer={answer} />}
      {answer.state === 'waiting' && (
        <p className="flex items-center gap-2 text-sm text-muted">
          <Spinner className="text-accent" />
          {t('playground.waiting')}
        </p>
      )}
      {answer.content !== '' && (
        <div className={classNames(answer.state === 'streaming' && '[&>div>*:last-child]:caret')}>
          <Markdown text={answer.content} />
        </div>
      )}
      <Ending answer={answer} />
      {!isRunning(answer) && (
        <div className="flex flex-wrap items-center gap-x-1 gap-y-1.5">
          <CopyButton
            text={answer.content}
            label={t('playground.copyAnswer')}
            doneLabel={t('action.copied')}
          />
          {children}
          <AnswerFigures answer={answer} />
        </div>
      )}
      {answer.state === 'streaming' && <AnswerFigures answer={answer} />}
    </div>
  );
}

function Reasoning({ answer }: Readonly<{ answer: Answer }>) {
  const { t } = useTranslation();
  const isThinking = answer.state === 'streaming' && answer.content === '';
  // Open while it is all there is to see; folded when the answer itself begins; then as the reader likes.
  const [choice, setChoice] = useState<boolean | null>(null);
  const isOpen = choice ?? isThinking;
  return (
    <div className="overflow-hidden rounded-lg border bg-inset/60">
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setChoice(!isOpen)}
        className="flex w-full items-center gap-2 px-3.5 py-2 text-left text-sm text-muted hover:text-ink"
      >
        <ThinkIcon className={classNames(isThinking && 'skeleton text-accent')} />
        {isThinking ? t('playground.reasoning') : t('playground.reasoned')}
        <ChevronRightIcon
          className={classNames('ml-auto size-3.5 transition-transform', isOpen && 'rotate-90')}
        />
      </button>
      {isOpen && (
        <p className="max-h-80 overflow-y-auto border-t px-3.5 py-3 text-sm break-words whitespace-pre-wrap text-muted">
          {answer.reasoning.trim()}
        </p>
      )}
    </div>
  );
}

function Ending({ answer }: Readonly<{ answer: Answer }>) {
  const { t } = useTranslation();
  if (answer.state === 'failed') {
    return (
      <Banner tone="bad" title={t('failure.title')}>
        {describeFailure(answer.error)}
        {answer.requestId !== null && (
          <p className="mt-1 font-mono text-xs text-muted">
            {t('failure.request', { id: answer.requestId })}
          </p>
        )}
      </Banner>
    );
  }
  if (answer.state === 'stopped')
    return <p className="text-sm text-muted">{t('playground.stopped')}</p>;
  if (answer.finishReason === 'length' && answer.state === 'finished') {
    return <p className="text-sm text-warn">{t('playground.tooLong')}</p>;
  }
  return null;
}
