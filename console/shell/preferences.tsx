/** Language and theme, as menus of the header and of the sign-in page. */
import { useTranslation } from 'react-i18next';
import { LANGUAGES, type Language, chooseLanguage } from '../i18n.ts';
import { type Theme, chooseTheme, useTheme } from '../theme.ts';
import { IconButton } from '../ui/button.tsx';
import { GlobeIcon, MoonIcon, ScreenIcon, SunIcon } from '../ui/icons.tsx';
import { Menu, MenuChoice } from '../ui/menu.tsx';

export function currentLanguage(language: string): Language {
  return language === 'zh-CN' ? 'zh-CN' : 'en';
}

export function LanguageMenu() {
  const { t, i18n } = useTranslation();
  return (
    <Menu
      trigger={
        <IconButton label={t('preference.language')}>
          <GlobeIcon />
        </IconButton>
      }
    >
      <MenuChoice
        value={currentLanguage(i18n.language)}
        choices={LANGUAGES}
        onChange={(language) => void chooseLanguage(language)}
      />
    </Menu>
  );
}

export const THEMES = [
  { value: 'light', label: 'preference.light', icon: SunIcon },
  { value: 'dark', label: 'preference.dark', icon: MoonIcon },
  { value: 'system', label: 'preference.system', icon: ScreenIcon },
] as const;

export function ThemeMenu() {
  const { t } = useTranslation();
  const { theme, isDark } = useTheme();
  return (
    <Menu
      trigger={
        <IconButton label={t('preference.theme')}>{isDark ? <MoonIcon /> : <SunIcon />}</IconButton>
      }
    >
      <MenuChoice<Theme>
        value={theme}
        onChange={chooseTheme}
        choices={THEMES.map(({ value, label, icon: ThemeIcon }) => ({
          value,
          label: (
            <>
              <ThemeIcon className="text-muted" />
              {t(label)}
            </>
          ),
        }))}
      />
    </Menu>
  );
}
