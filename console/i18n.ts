/**
 * The languages of the console. The one in use is loaded alone; the choice is kept on this machine
 * and, for a member, with the account. Keys are checked by the compiler against `locales/en.json`.
 */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type en from './locales/en.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

export type Language = 'en' | 'zh-CN';

export const LANGUAGES: readonly Readonly<{ value: Language; label: string }>[] = [
  { value: 'en', label: 'English' },
  { value: 'zh-CN', label: '简体中文' },
];

const STORAGE = 'flywheel.language';

const LOADERS: Readonly<Record<Language, () => Promise<{ default: object }>>> = {
  en: () => import('./locales/en.json'),
  'zh-CN': () => import('./locales/zh-CN.json'),
};

export async function startLanguage(): Promise<void> {
  const language = storedLanguage() ?? browserLanguage();
  const { default: translation } = await LOADERS[language]();
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { translation } },
    // React escapes by itself.
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = language;
}

export async function chooseLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation')) {
    const { default: translation } = await LOADERS[language]();
    i18next.addResourceBundle(language, 'translation', translation);
  }
  await i18next.changeLanguage(language);
  localStorage.setItem(STORAGE, language);
  document.documentElement.lang = language;
}

/** What the person chose on this machine; null before they chose. */
export function storedLanguage(): Language | null {
  return LANGUAGES.find(({ value }) => value === localStorage.getItem(STORAGE))?.value ?? null;
}

function browserLanguage(): Language {
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
}
