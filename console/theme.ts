/** Light, dark, or as the system says. `public/theme.js` sets the same before the first paint. */
import { useSyncExternalStore } from 'react';

export type Theme = 'light' | 'dark' | 'system';

const STORAGE = 'flywheel.theme';
const CHANGED = 'flywheel:theme';

const systemDark = window.matchMedia('(prefers-color-scheme: dark)');

export function chooseTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem(STORAGE);
  else localStorage.setItem(STORAGE, theme);
  applyTheme();
}

/** The choice, and what it comes to right now. */
export function useTheme(): Readonly<{ theme: Theme; isDark: boolean }> {
  const state = useSyncExternalStore(
    subscribe,
    () => `${storedTheme()}:${document.documentElement.dataset['theme'] ?? ''}`,
  );
  const [theme = 'system', shown] = state.split(':');
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    isDark: shown === 'dark',
  };
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener(CHANGED, onChange);
  systemDark.addEventListener('change', applyTheme);
  return () => {
    window.removeEventListener(CHANGED, onChange);
    systemDark.removeEventListener('change', applyTheme);
  };
}

function storedTheme(): Theme {
  const stored = localStorage.getItem(STORAGE);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

function applyTheme(): void {
  const theme = storedTheme();
  const isDark = theme === 'dark' || (theme === 'system' && systemDark.matches);
  document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light';
  window.dispatchEvent(new Event(CHANGED));
}
