/** Which model, and what can be done with the whole conversation. */
import { useTranslation } from 'react-i18next';
import { useInfiniteQuery } from '@tanstack/react-query';
import { STATE_LABELS, deploymentsQuery } from '../deployments/queries.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { CodeIcon, SettingsIcon, TrashIcon } from '../ui/icons.tsx';
import { Select } from '../ui/select.tsx';
import type { CallSettings } from './use-conversation.ts';

export type ToolbarProps = Readonly<{
  settings: CallSettings;
  names: readonly string[];
  isEmpty: boolean;
  onChange: (change: Partial<CallSettings>) => void;
  onClear: () => void;
  onCode: () => void;
  onSettings: () => void;
}>;

export function Toolbar(props: ToolbarProps) {
  const { t } = useTranslation();
  return (
    <div className="flex items-center gap-2 border-b px-3 py-2 sm:px-5">
      <ModelPicker {...props} />
      <div className="flex-1" />
      <Button size="sm" variant="ghost" onClick={props.onCode}>
        <CodeIcon />
        <span className="hidden sm:inline">{t('playground.code')}</span>
        <span className="sr-only sm:hidden">{t('playground.code')}</span>
      </Button>
      <IconButton
        size="sm"
        label={t('playground.clear')}
        disabled={props.isEmpty}
        onClick={props.onClear}
      >
        <TrashIcon />
      </IconButton>
      <IconButton
        size="sm"
        label={t('playground.settings')}
        className="xl:hidden"
        onClick={props.onSettings}
      >
        <SettingsIcon />
      </IconButton>
    </div>
  );
}

function ModelPicker({ settings, names, onChange }: ToolbarProps) {
  const { t } = useTranslation();
  const { data } = useInfiniteQuery(deploymentsQuery);
  const known = names.includes(settings.model) ? names : [settings.model, ...names];
  return (
    <Select
      size="sm"
      label={t('playground.model')}
      className="max-w-[60vw] min-w-44 sm:max-w-sm"
      value={settings.model}
      onChange={(model) => onChange({ model })}
      choices={known.map((name) => {
        const state = (data ?? []).find(({ modelName }) => modelName === name)?.state;
        return {
          value: name,
          label: name,
          ...(state === undefined ? {} : { detail: t(STATE_LABELS[state]) }),
        };
      })}
    />
  );
}
