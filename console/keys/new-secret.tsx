/** A secret in its only appearance, with a call that proves it works. */
import { useTranslation } from 'react-i18next';
import { CLOUD_URL, type KeyCreated } from '../cloud.ts';
import { Button } from '../ui/button.tsx';
import { CodeText } from '../ui/code-block.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { DialogActions } from '../ui/dialog.tsx';
import { Banner } from '../ui/notice.tsx';

export type NewSecretProps = Readonly<{ created: KeyCreated; onClose: () => void }>;

export function NewSecret({ created, onClose }: NewSecretProps) {
  const { t } = useTranslation();
  const proof = `export FLYWHEEL_API_KEY=${created.secret}\ncurl ${CLOUD_URL}/v1/models \\\n  -H "Authorization: Bearer $FLYWHEEL_API_KEY"`;
  return (
    <div className="space-y-4">
      <Banner tone="warn">{t('keys.once')}</Banner>
      <div className="flex items-center gap-2 rounded-lg border bg-inset py-2 pr-2 pl-3.5">
        <code data-secret className="min-w-0 flex-1 font-mono text-sm break-all">
          {created.secret}
        </code>
        <CopyButton
          hasText
          text={created.secret}
          label={t('action.copy')}
          doneLabel={t('action.copied')}
        />
      </div>
      <div>
        <p className="mb-1.5 text-sm text-muted">{t('keys.proof')}</p>
        <div className="rounded-lg border bg-inset">
          <CodeText code={proof} label={t('keys.proof')} />
        </div>
      </div>
      <DialogActions>
        <Button variant="primary" onClick={onClose}>
          {t('keys.saved')}
        </Button>
      </DialogActions>
    </div>
  );
}
