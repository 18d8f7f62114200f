/** A heart with the number of accounts that like a repository. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { RepositoryAddress } from '#client/hub-community.ts';
import { cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Button } from '../ui/button.tsx';
import { classNames } from '../ui/class-names.ts';
import { HeartIcon } from '../ui/icons.tsx';
import { likeQuery } from './queries.ts';

export function LikeButton({ kind, name }: RepositoryAddress) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const at = { kind, name };
  const { data } = useQuery(likeQuery(at));
  const isLiked = data?.isLiked === true;
  const turn = useMutation({
    mutationFn: () => (isLiked ? cloud.likes.unlike(at) : cloud.likes.like(at)),
    onSuccess: (liked) => queries.setQueryData(likeQuery(at).queryKey, liked),
  });
  return (
    <Button
      size="sm"
      aria-pressed={isLiked}
      aria-label={t(isLiked ? 'discussions.unlike' : 'discussions.like', {
        count: data?.likes ?? 0,
      })}
      disabled={data === undefined || turn.isPending}
      onClick={() => turn.mutate()}
    >
      <HeartIcon className={classNames(isLiked && 'fill-current text-bad')} />
      <span className="tabular">{format.compact(data?.likes ?? 0)}</span>
    </Button>
  );
}
