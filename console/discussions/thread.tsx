/** What was said and done in a discussion, in order. Words of strangers are drawn as Markdown, never as HTML. */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RepositoryAddress } from '#client/hub-community.ts';
import { type DiscussionDetail, type DiscussionEvent, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Markdown } from '../markdown/markdown.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { BranchIcon, DotsIcon, InfoIcon, PencilIcon } from '../ui/icons.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { useTakeDiscussion } from './queries.ts';
import { StatusPill } from './status-pill.tsx';
import { TextEditor } from './text-editor.tsx';

type ThreadProps = Readonly<{ at: RepositoryAddress; detail: DiscussionDetail }>;
type Said = Extract<DiscussionEvent, { kind: 'comment' }>;

export function Thread({ at, detail }: ThreadProps) {
  return (
    <ol className="space-y-4">
      {detail.events.map((event) => (
        <li key={event.id}>
          {event.kind === 'comment' ? (
            <Comment at={at} detail={detail} event={event} />
          ) : (
            <Happened event={event} />
          )}
        </li>
      ))}
    </ol>
  );
}

function Comment({ at, detail, event }: ThreadProps & Readonly<{ event: Said }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const [isEditing, setIsEditing] = useState(false);
  return (
    <article className="rounded-xl border bg-surface">
      <header className="flex items-center gap-2 border-b px-4 py-2 text-sm sm:px-5">
        <span className="min-w-0 truncate font-medium">{event.author}</span>
        <time
          dateTime={event.createdAt}
          title={format.time(event.createdAt)}
          className="text-muted"
        >
          {format.ago(event.createdAt)}
        </time>
        {event.editedAt !== null && !event.isHidden && (
          <span className="text-xs text-muted">{t('discussions.edited')}</span>
        )}
        <span className="ml-auto">
          {!event.isHidden && (event.isYours || detail.may.govern) && (
            <CommentMenu at={at} detail={detail} event={event} onEdit={() => setIsEditing(true)} />
          )}
        </span>
      </header>
      <div className="px-4 py-4 sm:px-5">
        {isEditing ? (
          <EditComment at={at} detail={detail} event={event} onClose={() => setIsEditing(false)} />
        ) : (
          <Words event={event} />
        )}
      </div>
    </article>
  );
}

function Words({ event }: Readonly<{ event: Said }>) {
  const { t } = useTranslation();
  if (event.isHidden) return <p className="text-sm text-muted">{t('discussions.hidden')}</p>;
  if (event.text === '') return <p className="text-sm text-muted">{t('discussions.nothing')}</p>;
  return <Markdown text={event.text} />;
}

type MenuProps = ThreadProps & Readonly<{ event: Said; onEdit: () => void }>;

function CommentMenu({ at, detail, event, onEdit }: MenuProps) {
  const { t } = useTranslation();
  const take = useTakeDiscussion(at);
  const hide = useMutation({
    mutationFn: () => cloud.discussions.hideComment(at, detail.num, event.id),
    onSuccess: take,
  });
  return (
    <Menu
      trigger={
        <IconButton label={t('discussions.more')} size="sm">
          <DotsIcon />
        </IconButton>
      }
    >
      {event.isYours && <MenuItem onSelect={onEdit}>{t('discussions.edit')}</MenuItem>}
      <MenuItem isDanger onSelect={() => hide.mutate()}>
        {t('discussions.hide')}
      </MenuItem>
    </Menu>
  );
}

type EditProps = ThreadProps & Readonly<{ event: Said; onClose: () => void }>;

function EditComment({ at, detail, event, onClose }: EditProps) {
  const { t } = useTranslation();
  const take = useTakeDiscussion(at);
  const [text, setText] = useState(event.text);
  const edit = useMutation({
    mutationFn: () => cloud.discussions.editComment(at, detail.num, { id: event.id, text }),
    onSuccess: async (changed) => {
      await take(changed);
      onClose();
    },
  });
  return (
    <div className="space-y-3">
      <TextEditor label={t('discussions.comment')} value={text} onChange={setText} />
      <div className="flex justify-end gap-2">
        <Button size="sm" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button
          size="sm"
          variant="primary"
          isBusy={edit.isPending}
          disabled={text.trim() === ''}
          onClick={() => edit.mutate()}
        >
          {t('action.save')}
        </Button>
      </div>
    </div>
  );
}

function Happened({ event }: Readonly<{ event: Exclude<DiscussionEvent, Said> }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const EventIcon = { commit: BranchIcon, title: PencilIcon, status: InfoIcon }[event.kind];
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1 px-4 text-sm text-muted sm:px-5">
      <EventIcon className="size-3.5" />
      <span className="font-medium text-ink">{event.author}</span>
      {event.kind === 'status' && (
        <>
          {t('discussions.becameStatus')} <StatusPill status={event.status} />
        </>
      )}
      {event.kind === 'title' && (
        <span className="break-words">
          {t('discussions.renamed', { from: event.from, to: event.to })}
        </span>
      )}
      {event.kind === 'commit' && (
        <span className="min-w-0 break-words">
          <code className="font-mono text-xs">{event.revisionId.slice(0, 8)}</code> {event.subject}
        </span>
      )}
      <time dateTime={event.createdAt}>{format.ago(event.createdAt)}</time>
    </p>
  );
}
