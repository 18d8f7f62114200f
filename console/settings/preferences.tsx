/** Language, theme and password of the member. */
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cloud } from '../cloud.ts';
import { LANGUAGES, type Language, chooseLanguage } from '../i18n.ts';
import { describeFailure } from '../shell/failure.tsx';
import { THEMES, currentLanguage } from '../shell/preferences.tsx';
import { useMe } from '../shell/session.ts';
import { chooseTheme, useTheme } from '../theme.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { notify } from '../ui/toast.tsx';

export function Preferences() {
  const { t } = useTranslation();
  return (
    <div className="max-w-2xl space-y-4">
      <Appearance />
      <Card title={t('settings.password')} description={t('settings.passwordText')}>
        <PasswordForm />
      </Card>
    </div>
  );
}

function Appearance() {
  const { t, i18n } = useTranslation();
  const { theme } = useTheme();
  const { member } = useMe();
  const choose = (language: Language): void => {
    void chooseLanguage(language);
    // Kept with the account too; the page itself has changed already, so a failure is not worth a word.
    if (member !== null) cloud.me.update({ locale: language }).catch(() => undefined);
  };
  return (
    <Card title={t('settings.appearance')}>
      <div className="divide-y">
        <Line label={t('preference.language')}>
          <Segmented
            label={t('preference.language')}
            value={currentLanguage(i18n.language)}
            choices={LANGUAGES}
            onChange={choose}
          />
        </Line>
        <Line label={t('preference.theme')}>
          <Segmented
            label={t('preference.theme')}
            value={theme}
            onChange={chooseTheme}
            choices={THEMES.map(({ value, label, icon: ThemeIcon }) => ({
              value,
              label: (
                <>
                  <ThemeIcon className="size-3.5" />
                  {t(label)}
                </>
              ),
            }))}
          />
        </Line>
      </div>
    </Card>
  );
}

function Line({ label, children }: Readonly<{ label: string; children: ReactNode }>) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 py-3 first:pt-0 last:pb-0">
      <span className="text-sm">{label}</span>
      {children}
    </div>
  );
}

/** The server asks for at least this. */
const PASSWORD_LENGTH_MIN = 8;

function PasswordForm() {
  const { t } = useTranslation();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useMutation({
    mutationFn: () => cloud.me.changePassword({ currentPassword: current, newPassword: next }),
    meta: { isSilent: true },
    onSuccess: () => {
      setCurrent('');
      setNext('');
      notify(t('settings.passwordChanged'));
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <form onSubmit={onSubmit} className="space-y-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={t('settings.currentPassword')}
          type="password"
          autoComplete="current-password"
          required
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        />
        <TextField
          label={t('settings.newPassword')}
          type="password"
          autoComplete="new-password"
          required
          minLength={PASSWORD_LENGTH_MIN}
          value={next}
          onChange={(event) => setNext(event.target.value)}
        />
      </div>
      {change.error !== null && <Banner tone="bad">{describeFailure(change.error)}</Banner>}
      <Button type="submit" isBusy={change.isPending}>
        {t('settings.changePassword')}
      </Button>
    </form>
  );
}
