/** The ledger entry of a call: its number, which for the operator leads to the entry itself. */
import { Link } from '@tanstack/react-router';
import { mayOperate, useMe } from '../shell/session.ts';

export function EntryLink({ entryId }: Readonly<{ entryId: number | null }>) {
  const me = useMe();
  if (entryId === null) return '—';
  if (!mayOperate(me, 'finance')) return `#${entryId}`;
  return (
    <Link
      to="/finance"
      search={{ tab: 'ledger', entry: entryId }}
      className="underline decoration-line-strong underline-offset-2 hover:decoration-ink"
    >
      #{entryId}
    </Link>
  );
}
