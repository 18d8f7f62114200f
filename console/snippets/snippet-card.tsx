/** The snippets as tabs with a copy button; the API and the language chosen last stay chosen. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeTabs } from '../ui/code-block.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { type SnippetLanguage, writeSnippets } from './snippets.ts';
import { type SnippetCall, type SnippetWire, WIRES, WIRE_LABELS } from './wires.ts';

const LANGUAGE_STORAGE = 'flywheel.snippet';
const WIRE_STORAGE = 'flywheel.snippet-api';

export function SnippetTabs({ call }: Readonly<{ call: SnippetCall }>) {
  const { t } = useTranslation();
  const [language, setLanguage] = useState<SnippetLanguage>(storedLanguage);
  const [wire, setWire] = useState<SnippetWire>(storedWire);
  return (
    <div className="space-y-3">
      <div className="overflow-x-auto">
        <Segmented
          label={t('snippet.api')}
          value={wire}
          choices={WIRES.map((value) => ({ value, label: WIRE_LABELS[value] }))}
          onChange={(next) => {
            localStorage.setItem(WIRE_STORAGE, next);
            setWire(next);
          }}
        />
      </div>
      <CodeTabs
        label={t('snippet.language')}
        copyLabel={t('action.copy')}
        copiedLabel={t('action.copied')}
        snippets={writeSnippets(call, wire)}
        language={language}
        onLanguage={(next) => {
          localStorage.setItem(LANGUAGE_STORAGE, next);
          setLanguage(next);
        }}
      />
    </div>
  );
}

function storedLanguage(): SnippetLanguage {
  const stored = localStorage.getItem(LANGUAGE_STORAGE);
  return stored === 'python' || stored === 'node' ? stored : 'curl';
}

function storedWire(): SnippetWire {
  const stored = localStorage.getItem(WIRE_STORAGE);
  return WIRES.find((wire) => wire === stored) ?? 'chat';
}
