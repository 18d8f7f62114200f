/** A text written or changed on the page: its words, its path, and the commit that keeps it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '#client/api-error.ts';
import { cloud } from '../cloud.ts';
import { Markdown } from '../markdown/markdown.tsx';
import { plainHtml } from '../markdown/plain-html.ts';
import { Failure, describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { classNames } from '../ui/class-names.ts';
import { INPUT_CLASS, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Loading } from '../ui/skeleton.tsx';
import { notify } from '../ui/toast.tsx';
import { type RepositoryAddress, endingOf, fileName } from './address.ts';
import { textLine } from './commit.ts';
import { useMarkdownPlace } from './markdown-place.tsx';
import { commitsQuery, refresh, textQuery } from './queries.ts';
import { TEXT_BYTES_MAX } from './text-view.tsx';

export type FileEditorProps = Readonly<{
  at: RepositoryAddress;
  revision: string;
  folder: string;
  /** Null for one that is new. */
  file: Readonly<{ path: string; sizeBytes: number }> | null;
  onClose: () => void;
}>;

/** With the text and the commit it was read at: what others change meanwhile is not written over. */
export function FileEditor(props: FileEditorProps) {
  const { at, revision, file } = props;
  const path = file?.path ?? '';
  const isRead = file !== null && file.sizeBytes > 0;
  const text = useQuery({
    ...textQuery(at, { revision, path }, TEXT_BYTES_MAX),
    enabled: isRead,
    staleTime: 0,
    gcTime: 0,
  });
  const { data: head } = useQuery({
    queryKey: [...commitsQuery(at, revision).queryKey, 'head'],
    queryFn: async ({ signal }) => {
      const [newest] = await cloud.hub.commits(at, revision, { p: 0, limit: 1 }, { signal });
      return newest?.id ?? null;
    },
    staleTime: 0,
    gcTime: 0,
  });
  if (text.error !== null) return <Failure error={text.error} />;
  const before = isRead ? text.data?.text : '';
  if (before === undefined || head === undefined) return <Loading className="h-80 rounded-xl" />;
  return <EditorForm {...props} before={before} head={head} />;
}

type EditorFormProps = FileEditorProps & Readonly<{ before: string; head: string | null }>;

function EditorForm(props: EditorFormProps) {
  const { at, revision, folder, file, before, head, onClose } = props;
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [text, setText] = useState(before);
  const [path, setPath] = useState(file?.path ?? (folder === '' ? '' : `${folder}/`));
  const [message, setMessage] = useState('');
  const usual = t(file === null ? 'files.addMessage' : 'files.editMessage', {
    path: fileName(path) === '' ? '…' : fileName(path),
  });
  const save = useMutation({
    mutationFn: () =>
      cloud.hub.commit(at, {
        revision,
        summary: message.trim() === '' ? usual : message.trim(),
        lines: [textLine(path.trim(), text)],
        // A new file among others is no reason to refuse.
        ...(head === null || file === null ? {} : { parentCommit: head }),
      }),
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('files.saved'));
      await refresh(queries, at);
      onClose();
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={onSubmit} className="space-y-4 rounded-xl border bg-surface p-4 sm:p-5">
      {file === null && <PathField path={path} onChange={setPath} />}
      <EditorText
        at={at}
        revision={revision}
        folder={folder}
        path={path}
        text={text}
        onChange={setText}
      />
      <div className="flex flex-wrap items-end gap-3">
        <TextField
          label={t('files.message')}
          placeholder={usual}
          value={message}
          className="basis-72 sm:flex-1"
          onChange={(event) => setMessage(event.target.value)}
        />
        <div className="ml-auto flex gap-2">
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button
            type="submit"
            variant="primary"
            isBusy={save.isPending}
            disabled={file !== null && text === before}
          >
            {t('files.commitTo', { branch: revision })}
          </Button>
        </div>
      </div>
      {save.error !== null && <SaveFailure error={save.error} />}
    </form>
  );
}

function PathField({
  path,
  onChange,
}: Readonly<{ path: string; onChange: (path: string) => void }>) {
  const { t } = useTranslation();
  return (
    <TextField
      label={t('files.path')}
      hint={t('files.newPathHint')}
      required
      placeholder="README.md"
      value={path}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function SaveFailure({ error }: Readonly<{ error: Error }>) {
  const { t } = useTranslation();
  if (!(error instanceof ApiError) || error.status !== 412) {
    return <Banner tone="bad">{describeFailure(error)}</Banner>;
  }
  return (
    <Banner tone="bad" title={t('files.stale')}>
      {t('files.staleText')}
    </Banner>
  );
}

type EditorTextProps = Readonly<{
  at: RepositoryAddress;
  revision: string;
  folder: string;
  path: string;
  text: string;
  onChange: (text: string) => void;
}>;

function EditorText({ at, revision, folder, path, text, onChange }: EditorTextProps) {
  const { t } = useTranslation();
  const id = useId();
  const [shown, setShown] = useState<'source' | 'read'>('source');
  const place = useMarkdownPlace({ at, revision, folder });
  const isMarkdown = endingOf(path) === 'md';
  return (
    <div>
      <div className="mb-1.5 flex items-center justify-between gap-3">
        <label htmlFor={id} className="text-sm font-medium">
          {path === '' ? t('files.text') : fileName(path)}
        </label>
        {isMarkdown && (
          <Segmented
            label={t('files.view')}
            value={shown}
            onChange={setShown}
            choices={[
              { value: 'source', label: t('files.edit') },
              { value: 'read', label: t('files.preview') },
            ]}
          />
        )}
      </div>
      {isMarkdown && shown === 'read' ? (
        <div className="min-h-96 rounded-md border bg-canvas px-5 py-4">
          <Markdown
            text={plainHtml(text.replace(/^---\r?\n[\s\S]*?\r?\n---[ \t]*(?:\r?\n|$)/, ''))}
            place={place}
          />
        </div>
      ) : (
        <textarea
          id={id}
          value={text}
          spellCheck={false}
          onChange={(event) => onChange(event.target.value)}
          className={classNames(
            INPUT_CLASS,
            'min-h-96 resize-y py-3 font-mono text-xs! leading-5 whitespace-pre',
          )}
        />
      )}
    </div>
  );
}
