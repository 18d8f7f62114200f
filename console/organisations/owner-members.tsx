/** The people of one's own tenant, for those who may see them. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { maySee, useMe } from '../shell/session.ts';
import { Initial } from '../ui/initial.tsx';
import { membersQuery } from './queries.ts';

export function OwnerMembers() {
  const { t } = useTranslation();
  const isReader = maySee(useMe().role, 'members');
  const { data } = useQuery({ ...membersQuery, enabled: isReader });
  if (!isReader || data === undefined) return null;
  return (
    <section>
      <h2 className="mb-1.5 text-xs font-medium text-faint">{t('owner.members')}</h2>
      <ul className="divide-y rounded-xl border bg-surface">
        {data.data.map(({ id, name, email }) => (
          <li key={id} className="flex items-center gap-3 px-4 py-2.5 text-sm">
            <Initial name={name} className="size-7 rounded-full text-xs" />
            <span className="min-w-0">
              <span className="block truncate font-medium">{name}</span>
              <span className="block truncate text-xs text-muted">{email}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
