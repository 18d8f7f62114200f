/** The keys, the living ones first. */
import { useTranslation } from 'react-i18next';
import type { Key } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { maySee, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Pill } from '../ui/pill.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { ROLE_LABELS } from './queries.ts';

export type KeyTableProps = Readonly<{ keys: readonly Key[]; onRevoke: (key: Key) => void }>;

export function KeyTable({ keys, onRevoke }: KeyTableProps) {
  const { t } = useTranslation();
  const living = keys.filter((key) => stateOf(key) === 'active');
  const ended = keys.filter((key) => stateOf(key) !== 'active');
  return (
    <Table
      label={t('nav.keys')}
      columns={[
        { key: 'name', label: t('keys.name') },
        { key: 'hint', label: t('keys.key') },
        { key: 'state', label: t('keys.state') },
        { key: 'role', label: t('keys.role') },
        { key: 'models', label: t('nav.models') },
        { key: 'created', label: t('keys.created') },
        { key: 'expires', label: t('keys.expires') },
        {
          key: 'revoke',
          label: <span className="sr-only">{t('keys.revoke')}</span>,
          isNumber: true,
        },
      ]}
    >
      {[...living, ...ended].map((key) => (
        <KeyRow key={key.id} item={key} onRevoke={() => onRevoke(key)} />
      ))}
    </Table>
  );
}

function KeyRow({ item, onRevoke }: Readonly<{ item: Key; onRevoke: () => void }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const isBuilder = maySee(useMe().role, 'building');
  const state = stateOf(item);
  return (
    <Row isDim={state !== 'active'}>
      <Cell className="min-w-36 font-medium">{item.name}</Cell>
      <Cell className="font-mono text-xs whitespace-nowrap text-muted">{item.hint}</Cell>
      <Cell>
        <Pill tone={STATE_TONES[state]}>{t(STATE_LABELS[state])}</Pill>
      </Cell>
      <Cell className="whitespace-nowrap">{t(ROLE_LABELS[item.role])}</Cell>
      <Cell className="min-w-32">
        {item.models === null ? t('keys.allModels') : item.models.join(', ')}
      </Cell>
      <Cell className="whitespace-nowrap text-muted">
        <time dateTime={item.createdAt} title={format.time(item.createdAt)}>
          {format.ago(item.createdAt)}
        </time>
      </Cell>
      <Cell className="whitespace-nowrap text-muted">
        {item.expiresAt === null ? (
          t('keys.never')
        ) : (
          <time dateTime={item.expiresAt}>{format.day(item.expiresAt)}</time>
        )}
      </Cell>
      <Cell isNumber>
        {state === 'active' && isBuilder && (
          <Button
            size="sm"
            variant="danger"
            aria-label={t('keys.revokeName', { name: item.name })}
            onClick={onRevoke}
          >
            {t('keys.revoke')}
          </Button>
        )}
      </Cell>
    </Row>
  );
}

const STATE_LABELS = {
  active: 'keys.active',
  expired: 'keys.expired',
  revoked: 'keys.revokedState',
} as const;

const STATE_TONES = { active: 'good', expired: 'warn', revoked: 'quiet' } as const;

function stateOf(key: Key): keyof typeof STATE_LABELS {
  if (key.revokedAt !== null) return 'revoked';
  return key.expiresAt !== null && Date.parse(key.expiresAt) <= Date.now() ? 'expired' : 'active';
}
