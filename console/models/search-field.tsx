/** A field that says what was typed once the typing has paused, so that not every letter is a question. */
import { useEffect, useState } from 'react';
import { classNames } from '../ui/class-names.ts';
import { INPUT_CLASS } from '../ui/field.tsx';
import { SearchIcon } from '../ui/icons.tsx';

/** Shorter than anybody notices, longer than between two letters. */
const PAUSE_MS = 180;

export type SearchFieldProps = Readonly<{
  label: string;
  value: string;
  onChange: (value: string) => void;
}>;

export function SearchField({ label, value, onChange }: SearchFieldProps) {
  const [typed, setTyped] = useState(value);
  const [said, setSaid] = useState(value);
  // The address changed by itself: a link, the way back, another kind.
  if (value !== said) {
    setSaid(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed === said) return undefined;
    const timer = setTimeout(() => {
      setSaid(typed);
      onChange(typed);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, said, onChange]);
  return (
    <label className="relative block min-w-48 flex-1">
      <span className="sr-only">{label}</span>
      <SearchIcon className="absolute top-2.5 left-3 text-faint" />
      <input
        type="search"
        value={typed}
        placeholder={label}
        onChange={(event) => setTyped(event.target.value)}
        className={classNames(INPUT_CLASS, 'h-9 pl-9')}
      />
    </label>
  );
}
