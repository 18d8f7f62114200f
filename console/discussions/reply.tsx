/** The box at the end of a thread: a comment, or a comment with which it ends. */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RepositoryAddress } from '#client/hub-community.ts';
import { type DiscussionDetail, cloud } from '../cloud.ts';
import { Button } from '../ui/button.tsx';
import { Banner } from '../ui/notice.tsx';
import { useTakeDiscussion } from './queries.ts';
import { TextEditor } from './text-editor.tsx';

export function Reply({
  at,
  detail,
}: Readonly<{ at: RepositoryAddress; detail: DiscussionDetail }>) {
  const { t } = useTranslation();
  const take = useTakeDiscussion(at);
  const [text, setText] = useState('');
  const { num, may, status } = detail;
  const onSuccess = async (changed: DiscussionDetail): Promise<void> => {
    setText('');
    await take(changed);
  };
  const say = useMutation({
    mutationFn: () => cloud.discussions.comment(at, num, text),
    onSuccess,
  });
  const close = useMutation({
    mutationFn: () => cloud.discussions.update(at, num, { status: 'closed', comment: text }),
    onSuccess,
  });
  if (!may.comment) {
    return (
      <div className="mt-6">
        <Banner tone="info">{t('discussions.lockedText')}</Banner>
      </div>
    );
  }
  const isEmpty = text.trim() === '';
  return (
    <section className="mt-6 rounded-xl border bg-surface px-4 py-4 sm:px-5">
      <TextEditor label={t('discussions.comment')} value={text} onChange={setText} />
      <div className="mt-3 flex flex-wrap justify-end gap-2">
        {may.change && status === 'open' && !isEmpty && (
          <Button isBusy={close.isPending} onClick={() => close.mutate()}>
            {t('discussions.closeWith')}
          </Button>
        )}
        <Button
          variant="primary"
          isBusy={say.isPending}
          disabled={isEmpty}
          onClick={() => say.mutate()}
        >
          {t('discussions.say')}
        </Button>
      </div>
    </section>
  );
}
