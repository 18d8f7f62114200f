/** What was asked and answered, where the project keeps it: shown to who asks for it, not to who passes by. */
import { useState } from 'react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type ContentPart, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { maySee, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { CodeText } from '../ui/code-block.tsx';
import { notify } from '../ui/toast.tsx';
import { contentQuery } from './queries.ts';

export function RequestContentSection({ requestId }: Readonly<{ requestId: string }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { role } = useMe();
  const queries = useQueryClient();
  const [isAsked, setIsAsked] = useState(false);
  const { data } = useQuery({ ...contentQuery(requestId), enabled: isAsked });
  const forget = useMutation({
    mutationFn: () => cloud.requests.forget(requestId),
    onSuccess: async () => {
      notify(t('contents.forgotten'));
      await queries.resetQueries(contentQuery(requestId));
    },
  });
  if (!maySee(role, 'building')) return null;
  if (!isAsked || data === undefined) {
    return (
      <Button size="sm" isBusy={isAsked} onClick={() => setIsAsked(true)}>
        {t('contents.show')}
      </Button>
    );
  }
  if (data === null) return <p className="text-sm text-muted">{t('contents.none')}</p>;
  return (
    <section aria-label={t('contents.title')} className="space-y-4">
      <Part title={t('contents.prompt')} part={data.request} />
      <Part title={t('contents.answer')} part={data.answer} />
      <div className="flex items-center justify-between gap-4 text-sm text-muted">
        <span>{t('contents.until', { time: format.time(data.expiresAt) })}</span>
        {maySee(role, 'inviting') && (
          <Button size="sm" isBusy={forget.isPending} onClick={() => forget.mutate()}>
            {t('contents.forget')}
          </Button>
        )}
      </div>
    </section>
  );
}

function Part({ title, part }: Readonly<{ title: string; part: ContentPart }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const size = format.bytes(part.bytes);
  return (
    <div className="space-y-1">
      <h3 className="text-sm font-medium">{title}</h3>
      {part.isText ? (
        <div className="overflow-hidden rounded-md border">
          <CodeText code={part.text} label={title} />
        </div>
      ) : (
        <p className="text-sm text-muted">{t('contents.notText', { size })}</p>
      )}
      {part.isCut && <p className="text-xs text-muted">{t('contents.cut', { size })}</p>}
    </div>
  );
}
