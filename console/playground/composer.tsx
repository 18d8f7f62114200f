/** Where a question is written. Enter sends; Shift+Enter starts a line; an input method's Enter does neither. */
import { type FormEvent, type KeyboardEvent, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { buttonClass } from '../ui/button.tsx';
import { classNames } from '../ui/class-names.ts';
import { ArrowUpIcon, StopIcon } from '../ui/icons.tsx';

export type ComposerProps = Readonly<{
  draft: string;
  isBusy: boolean;
  onDraft: (draft: string) => void;
  onSend: (question: string) => void;
  onStop: () => void;
}>;

export function Composer({ draft, isBusy, onDraft, onSend, onStop }: ComposerProps) {
  const { t } = useTranslation();
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => area.current?.focus(), []);
  const submit = (event?: FormEvent): void => {
    event?.preventDefault();
    if (!isBusy && draft.trim() !== '') onSend(draft.trim());
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && isBusy) onStop();
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  };
  return (
    <form onSubmit={submit} className="mx-auto w-full max-w-3xl px-3 pb-4 sm:px-5">
      <div className="flex items-end gap-2 rounded-xl border border-line-strong bg-surface p-2 pl-4 focus-within:border-accent-line">
        <textarea
          ref={area}
          rows={1}
          value={draft}
          aria-label={t('playground.ask')}
          placeholder={t('playground.ask')}
          onChange={(event) => onDraft(event.target.value)}
          onKeyDown={onKeyDown}
          className="max-h-48 min-h-9 flex-1 resize-none self-center bg-transparent py-1.5 text-base outline-none [field-sizing:content]"
        />
        {isBusy ? (
          <button
            type="button"
            onClick={onStop}
            aria-label={t('playground.stop')}
            className={classNames(buttonClass('primary'), 'w-9 px-0!')}
          >
            <StopIcon className="fill-current" />
          </button>
        ) : (
          <button
            type="submit"
            disabled={draft.trim() === ''}
            aria-label={t('playground.send')}
            className={classNames(buttonClass('primary'), 'w-9 px-0!')}
          >
            <ArrowUpIcon />
          </button>
        )}
      </div>
      <p className="mt-1.5 hidden text-center text-2xs text-faint sm:block">
        {t('playground.keys')}
      </p>
    </form>
  );
}
