/** Files and folders dropped or chosen, sent with a bar each, and made visible by one commit. */
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format/format.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { CloseIcon } from '../ui/icons.tsx';
import { Banner } from '../ui/notice.tsx';
import { ProgressBar } from '../ui/progress.tsx';
import { Switch } from '../ui/switch.tsx';
import { notify } from '../ui/toast.tsx';
import { PAGES, paramsOf } from './address.ts';
import { UploadDrop } from './upload-drop.tsx';
import { UploadList } from './upload-list.tsx';
import { isDone, shareDone } from './upload-plan.ts';
import { type UploadTo, useUpload } from './use-upload.ts';

export type UploadPanelProps = UploadTo & Readonly<{ onClose: () => void }>;

export function UploadPanel(props: UploadPanelProps) {
  const { t } = useTranslation();
  const upload = useUpload(props);
  const [message, setMessage] = useState('');
  const [isPull, setIsPull] = useState(false);
  const [pull, setPull] = useState<string | null>(null);
  const usual = useUsualMessage(upload.items.map(({ path }) => path));
  const begin = async (): Promise<void> => {
    const summary = message.trim() === '' ? usual : message.trim();
    const end = await upload.start({ summary, isPull });
    if (end === null) return;
    notify(t(end.kind === 'nothing' ? 'upload.nothing' : 'upload.done'));
    if (end.pullRequestUrl === null) props.onClose();
    else setPull(end.pullRequestUrl);
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    void begin();
  };
  if (pull !== null) return <PullMade {...props} url={pull} />;
  return (
    <form onSubmit={onSubmit} className="space-y-4 rounded-xl border bg-surface p-4 sm:p-5">
      <PanelHead {...props} />
      {!upload.isRunning && <UploadDrop onFiles={upload.add} />}
      {upload.items.length > 0 && (
        <>
          <UploadList upload={upload} />
          <Overall upload={upload} />
          <TextField
            label={t('files.message')}
            placeholder={usual}
            value={message}
            disabled={upload.isRunning}
            onChange={(event) => setMessage(event.target.value)}
          />
          <Switch
            label={t('upload.asPull')}
            hint={t('upload.asPullHint')}
            isOn={isPull}
            onChange={setIsPull}
          />
        </>
      )}
      {upload.error !== null && (
        <Banner tone="bad" title={t('upload.failed')}>
          {describeFailure(upload.error)}
        </Banner>
      )}
      <div className="flex flex-wrap justify-end gap-2">
        {upload.isRunning ? (
          // Keys: as one element it would become the button that begins while it is being pressed.
          <Button key="stop" variant="danger" onClick={upload.stop}>
            {t('upload.stop')}
          </Button>
        ) : (
          <Button key="start" type="submit" variant="primary" disabled={upload.items.length === 0}>
            {upload.error === null
              ? t('upload.start', { count: upload.items.length })
              : t('upload.goOn')}
          </Button>
        )}
      </div>
    </form>
  );
}

function PanelHead({ folder, onClose }: UploadPanelProps) {
  const { t } = useTranslation();
  return (
    <div className="flex items-center justify-between gap-3">
      <h2 className="text-base font-semibold tracking-tight">
        {folder === '' ? t('upload.title') : t('upload.titleFolder', { folder })}
      </h2>
      <IconButton size="sm" label={t('action.close')} onClick={onClose}>
        <CloseIcon />
      </IconButton>
    </div>
  );
}

function useUsualMessage(paths: readonly string[]): string {
  const { t } = useTranslation();
  const [first] = paths;
  if (paths.length === 1 && first !== undefined) return t('files.addMessage', { path: first });
  return t('upload.message', { count: paths.length });
}

function Overall({ upload }: Readonly<{ upload: ReturnType<typeof useUpload> }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { items, isRunning } = upload;
  const totalBytes = items.reduce((sum, { file }) => sum + file.size, 0);
  const share = shareDone(items);
  return (
    <div className="space-y-1.5">
      {isRunning && <ProgressBar label={t('upload.title')} value={share} />}
      <p className="text-xs text-muted tabular" aria-live="polite">
        {isRunning
          ? t('upload.progress', {
              done: items.filter(isDone).length,
              all: items.length,
              bytes: format.bytes(totalBytes),
            })
          : t('upload.chosen', { count: items.length, bytes: format.bytes(totalBytes) })}
      </p>
    </div>
  );
}

function PullMade({ at, url, onClose }: UploadPanelProps & Readonly<{ url: string }>) {
  const { t } = useTranslation();
  const number = url.slice(url.lastIndexOf('/') + 1);
  return (
    <Banner
      tone="good"
      title={t('upload.pullMade', { number })}
      action={
        <Button size="sm" onClick={onClose}>
          {t('action.close')}
        </Button>
      }
    >
      <Link
        to={PAGES[at.kind]}
        params={paramsOf(at.name)}
        search={{ tab: 'files', at: `refs/pr/${number}` }}
        className="underline"
      >
        {t('upload.pullFiles')}
      </Link>
    </Banner>
  );
}
