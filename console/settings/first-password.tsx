/** The password of a new person in its only appearance, to be handed over. */
import { useTranslation } from 'react-i18next';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { DialogActions } from '../ui/dialog.tsx';
import { Banner } from '../ui/notice.tsx';

/** Null for a person who signs in here already, with a password of their own. */
export type FirstPasswordProps = Readonly<{ password: string | null; onClose: () => void }>;

export function FirstPassword({ password, onClose }: FirstPasswordProps) {
  const { t } = useTranslation();
  return (
    <div className="space-y-4">
      {password === null ? (
        <Banner tone="info">{t('settings.ownPassword')}</Banner>
      ) : (
        <>
          <Banner tone="warn">{t('settings.passwordOnce')}</Banner>
          <div className="flex items-center gap-2 rounded-lg border bg-inset py-2 pr-2 pl-3.5">
            <code className="min-w-0 flex-1 font-mono text-sm break-all">{password}</code>
            <CopyButton
              hasText
              text={password}
              label={t('action.copy')}
              doneLabel={t('action.copied')}
            />
          </div>
        </>
      )}
      <DialogActions>
        <Button variant="primary" onClick={onClose}>
          {t('action.close')}
        </Button>
      </DialogActions>
    </div>
  );
}
