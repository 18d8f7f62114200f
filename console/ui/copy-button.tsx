/** Copies a text and says so, to the eye and to the screen reader. */
import { useEffect, useState } from 'react';
import { Button, IconButton } from './button.tsx';
import { CheckIcon, CopyIcon } from './icons.tsx';

/** Long enough to be seen, short enough to copy again. */
const SHOWN_MS = 1600;

export type CopyButtonProps = Readonly<{
  text: string;
  label: string;
  doneLabel: string;
  hasText?: boolean;
}>;

export function CopyButton({ text, label, doneLabel, hasText }: CopyButtonProps) {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setIsCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);

  const copy = (): void => {
    void writeToClipboard(text).then(setIsCopied);
  };
  const drawing = isCopied ? <CheckIcon className="text-good" /> : <CopyIcon />;
  const name = isCopied ? doneLabel : label;
  return hasText === true ? (
    <Button size="sm" onClick={copy} aria-live="polite">
      {drawing}
      {name}
    </Button>
  ) : (
    <IconButton size="sm" label={name} onClick={copy}>
      {drawing}
    </IconButton>
  );
}

/** The clipboard API needs a secure page; plain http on another host falls back to a selection. */
async function writeToClipboard(text: string): Promise<boolean> {
  if (navigator.clipboard !== undefined && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyBySelection(text);
    }
  }
  return copyBySelection(text);
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand('copy');
  area.remove();
  return isCopied;
}
