/** Ctrl K: go anywhere and do the common things by typing a few letters. */
import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { modelsQuery } from '../models/queries.ts';
import { LANGUAGES, chooseLanguage } from '../i18n.ts';
import { chooseTheme } from '../theme.ts';
import { classNames } from '../ui/class-names.ts';
import type { Icon } from '../ui/icons.tsx';
import { GlobeIcon, ModelIcon, SearchIcon } from '../ui/icons.tsx';
import { useDestinations } from './navigation.tsx';
import { THEMES } from './preferences.tsx';

type Command = Readonly<{ id: string; label: string; icon: Icon; run: () => void }>;

/** More than this and typing another letter is faster than reading. */
const COMMANDS_MAX = 9;

export function CommandPalette({ onClose }: Readonly<{ onClose: () => void }>) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [index, setIndex] = useState(0);
  const listId = useId();
  const found = matching(useCommands(), text).slice(0, COMMANDS_MAX);
  const chosen = found[Math.min(index, found.length - 1)];

  const run = (command: Command | undefined): void => {
    if (command === undefined) return;
    onClose();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined && found.length > 0) {
      event.preventDefault();
      setIndex((now) => (Math.min(now, found.length - 1) + step + found.length) % found.length);
    }
    if (event.key === 'Enter') run(chosen);
  };

  return (
    <BaseDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="veil fixed inset-0 z-40" />
        <BaseDialog.Popup
          aria-label={t('palette.open')}
          className="pop fixed top-[12dvh] left-1/2 z-40 w-[min(36rem,calc(100vw-2rem))] -translate-x-1/2 overflow-hidden rounded-xl border bg-surface shadow-pop outline-none"
        >
          <div className="flex items-center gap-3 border-b px-4">
            <SearchIcon className="text-faint" />
            <input
              role="combobox"
              aria-label={t('palette.open')}
              aria-expanded="true"
              aria-controls={listId}
              aria-activedescendant={chosen === undefined ? undefined : `${listId}-${chosen.id}`}
              value={text}
              placeholder={t('palette.placeholder')}
              onKeyDown={onKeyDown}
              onChange={(event) => {
                setText(event.target.value);
                setIndex(0);
              }}
              className="h-12 flex-1 bg-transparent text-base outline-none"
            />
          </div>
          <Results listId={listId} found={found} chosen={chosen} onRun={run} />
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

type ResultsProps = Readonly<{
  listId: string;
  found: readonly Command[];
  chosen: Command | undefined;
  onRun: (command: Command) => void;
}>;

function Results({ listId, found, chosen, onRun }: ResultsProps) {
  const { t } = useTranslation();
  if (found.length === 0)
    return <p className="px-4 py-6 text-sm text-muted">{t('palette.none')}</p>;
  // The list of a combobox: a native select cannot hold icons and would steal the focus.
  /* oxlint-disable jsx-a11y/prefer-tag-over-role */
  return (
    <div id={listId} role="listbox" aria-label={t('palette.results')} className="p-1.5">
      {found.map((command) => (
        <button
          key={command.id}
          id={`${listId}-${command.id}`}
          type="button"
          role="option"
          tabIndex={-1}
          aria-selected={command === chosen}
          onClick={() => onRun(command)}
          className={classNames(
            'flex h-10 w-full items-center gap-3 rounded-md px-3 text-left text-sm hover:bg-hover',
            command === chosen && 'bg-hover',
          )}
        >
          <command.icon className="text-muted" />
          <span className="truncate">{command.label}</span>
        </button>
      ))}
    </div>
  );
}

function useCommands(): readonly Command[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const destinations = useDestinations();
  const { data: models } = useInfiniteQuery(modelsQuery);
  return [
    ...destinations.map(({ to, label, icon }) => ({
      id: to,
      label: t(label),
      icon,
      run: () => void navigate({ to, search: {} }),
    })),
    ...THEMES.map(({ value, label, icon }) => ({
      id: value,
      label: `${t('preference.theme')}: ${t(label)}`,
      icon,
      run: () => chooseTheme(value),
    })),
    ...LANGUAGES.map(({ value, label }) => ({
      id: value,
      label: `${t('preference.language')}: ${label}`,
      icon: GlobeIcon,
      run: () => void chooseLanguage(value),
    })),
    ...(models ?? []).map(({ id, name }) => ({
      id,
      label: name,
      icon: ModelIcon,
      run: () => void navigate({ to: '/models/$owner/$name', params: splitName(name), search: {} }),
    })),
  ];
}

function splitName(model: string): { owner: string; name: string } {
  const [owner = '', name = ''] = model.split('/');
  return { owner, name };
}

function matching(commands: readonly Command[], text: string): readonly Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return commands.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)));
}
