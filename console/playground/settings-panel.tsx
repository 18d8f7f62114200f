/** What a call is made with. */
import { useTranslation } from 'react-i18next';
import { TextAreaField, TextField } from '../ui/field.tsx';
import { Slider } from '../ui/slider.tsx';
import { Switch } from '../ui/switch.tsx';
import type { CallSettings } from './use-conversation.ts';

const MAX_TOKENS_LIMIT = 131_072;

export type SettingsPanelProps = Readonly<{
  settings: CallSettings;
  names: readonly string[];
  onChange: (change: Partial<CallSettings>) => void;
}>;

export function SettingsPanel({ settings, onChange }: SettingsPanelProps) {
  const { t } = useTranslation();
  return (
    <div className="space-y-6">
      <TextAreaField
        label={t('playground.system')}
        placeholder={t('playground.systemPlaceholder')}
        rows={5}
        value={settings.system}
        onChange={(event) => onChange({ system: event.target.value })}
      />
      <Slider
        label={t('playground.temperature')}
        value={settings.temperature}
        min={0}
        max={2}
        step={0.05}
        onChange={(temperature) => onChange({ temperature: round(temperature) })}
      />
      <Slider
        label={t('playground.topP')}
        value={settings.topP}
        min={0.05}
        max={1}
        step={0.05}
        onChange={(topP) => onChange({ topP: round(topP) })}
      />
      <TextField
        label={t('playground.maxTokens')}
        type="number"
        inputMode="numeric"
        min={1}
        max={MAX_TOKENS_LIMIT}
        value={settings.maxTokens}
        onChange={(event) => {
          const maxTokens = Math.round(Number(event.target.value));
          if (maxTokens >= 1 && maxTokens <= MAX_TOKENS_LIMIT) onChange({ maxTokens });
        }}
      />
      <Switch
        label={t('playground.thinking')}
        hint={t('playground.thinkingHint')}
        isOn={settings.thinking !== false}
        onChange={(thinking) => onChange({ thinking })}
      />
    </div>
  );
}

/** Steps of a slider add up to 0.30000000000000004. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}
