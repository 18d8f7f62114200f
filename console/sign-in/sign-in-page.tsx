/** The door. The hint tells the first person where the first password is. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '#client/api-error.ts';
import { chooseTenant, cloud } from '../cloud.ts';
import { chooseLanguage, storedLanguage } from '../i18n.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Mark } from '../shell/mark.tsx';
import { LanguageMenu, ThemeMenu } from '../shell/preferences.tsx';
import { meQuery } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { TerminalIcon } from '../ui/icons.tsx';
import { Banner } from '../ui/notice.tsx';

const route = getRouteApi('/sign-in');

export function SignInPage() {
  const { t } = useTranslation();
  return (
    <main className="relative flex min-h-dvh flex-col overflow-hidden">
      <title>{t('signIn.title')}</title>
      <div className="flex justify-end p-3">
        <LanguageMenu />
        <ThemeMenu />
      </div>
      <div className="relative z-10 mx-auto flex w-full max-w-sm flex-1 flex-col justify-center px-5 pb-28">
        <Mark className="size-10" />
        <h1 className="mt-5 text-2xl font-semibold tracking-tight">{t('signIn.title')}</h1>
        <p className="mt-1 text-base text-muted">{t('signIn.text')}</p>
        <SignInForm />
        <FirstPassword />
      </div>
      <Mark className="turning pointer-events-none absolute -right-40 -bottom-52 size-[34rem] opacity-[0.05] [--turn-time:90s]" />
    </main>
  );
}

function SignInForm() {
  const { t } = useTranslation();
  const { next } = route.useSearch();
  const router = useRouter();
  const queries = useQueryClient();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: async () => {
      chooseTenant(null);
      await cloud.signIn({ email: email.trim(), password });
      queries.clear();
      const me = await queries.fetchQuery(meQuery);
      if (storedLanguage() === null && me.member !== null) await chooseLanguage(me.member.locale);
      router.history.push(next ?? '/');
    },
    meta: { isSilent: true },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    signIn.mutate();
  };
  const isWrong = signIn.error instanceof ApiError && signIn.error.status === 401;
  return (
    <form onSubmit={onSubmit} className="mt-7 space-y-4">
      <TextField
        label={t('signIn.email')}
        type="email"
        name="email"
        autoComplete="username"
        required
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <TextField
        label={t('signIn.password')}
        type="password"
        name="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      {signIn.error !== null && (
        <Banner tone="bad">{isWrong ? t('signIn.wrong') : describeFailure(signIn.error)}</Banner>
      )}
      <Button type="submit" variant="primary" className="w-full" isBusy={signIn.isPending}>
        {t('signIn.submit')}
      </Button>
    </form>
  );
}

function FirstPassword() {
  const { t } = useTranslation();
  return (
    <details className="mt-6 rounded-lg border bg-surface text-sm">
      <summary className="flex items-center gap-2 px-3.5 py-2.5 text-muted hover:text-ink">
        <TerminalIcon />
        {t('signIn.where')}
      </summary>
      <div className="space-y-2 border-t px-3.5 py-3 text-muted">
        <p>{t('signIn.whereBanner')}</p>
        <p>{t('signIn.whereFile')}</p>
        <code className="block overflow-x-auto rounded-md bg-inset px-2.5 py-2 font-mono text-xs whitespace-nowrap text-ink">
          cat .flywheel/first-run.json
        </code>
      </div>
    </details>
  );
}
