/** The page that is not there. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { buttonClass } from '../ui/button.tsx';
import { Mark } from './mark.tsx';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <div className="grid min-h-[70dvh] place-items-center px-6 text-center">
      <div>
        <title>{`${t('notFound.title')} · Flywheel`}</title>
        <Mark className="mx-auto size-12 opacity-60" />
        <p className="mt-6 font-mono text-sm text-faint">404</p>
        <h1 className="mt-1 text-xl font-semibold tracking-tight">{t('notFound.title')}</h1>
        <p className="mt-1 text-base text-muted">{t('notFound.text')}</p>
        <Link to="/" className={`${buttonClass('primary')} mt-6`}>
          {t('notFound.home')}
        </Link>
      </div>
    </div>
  );
}
