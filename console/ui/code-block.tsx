/** Code with its languages as tabs and a copy button. */
import { CopyButton } from './copy-button.tsx';
import { Segmented } from './segmented.tsx';

export type Snippet<Language extends string> = Readonly<{
  language: Language;
  label: string;
  code: string;
}>;

export type CodeTabsProps<Language extends string> = Readonly<{
  label: string;
  copyLabel: string;
  copiedLabel: string;
  snippets: readonly Snippet<Language>[];
  language: Language;
  onLanguage: (language: Language) => void;
}>;

export function CodeTabs<Language extends string>(props: CodeTabsProps<Language>) {
  const shown = props.snippets.find((snippet) => snippet.language === props.language);
  const code = shown?.code ?? '';
  return (
    <div className="overflow-hidden rounded-lg border bg-inset">
      <div className="flex items-center justify-between gap-2 border-b px-2.5 py-1.5">
        <Segmented
          label={props.label}
          value={props.language}
          onChange={props.onLanguage}
          choices={props.snippets.map(({ language, label }) => ({ value: language, label }))}
        />
        <CopyButton text={code} label={props.copyLabel} doneLabel={props.copiedLabel} />
      </div>
      <CodeText code={code} label={shown?.label ?? props.label} />
    </div>
  );
}

export function CodeText({ code, label }: Readonly<{ code: string; label: string }>) {
  return (
    <pre
      // A region that scrolls must be reachable by keyboard.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      aria-label={label}
      className="max-h-96 overflow-auto p-4 font-mono text-xs leading-5"
    >
      <code>{code}</code>
    </pre>
  );
}
