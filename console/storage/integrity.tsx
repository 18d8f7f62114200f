/** For the operator: whether what the hub keeps is what it was, and which files are hit where it is not. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Banner } from '../ui/notice.tsx';
import { Pill, type Tone } from '../ui/pill.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { type Integrity, integrityQuery } from './queries.ts';

export function IntegrityCard() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data } = useQuery(integrityQuery);
  const start = useMutation({
    mutationFn: () => cloud.storage.startCheck(),
    onSuccess: () => client.invalidateQueries({ queryKey: integrityQuery.queryKey }),
    meta: { isSilent: true },
  });
  if (data === undefined) return null;
  const isRunning = data.check?.state === 'running';
  return (
    <Card
      isFlush
      title={t('integrity.title')}
      description={t('integrity.text')}
      className="overflow-hidden"
      actions={
        <>
          <State known={data} />
          <Button size="sm" isBusy={start.isPending || isRunning} onClick={() => start.mutate()}>
            {t('integrity.check')}
          </Button>
        </>
      }
    >
      <div className="space-y-3 px-5 pb-4">
        {start.error !== null && <Banner tone="bad">{describeFailure(start.error)}</Banner>}
        {data.problem !== null && <Banner tone="warn">{data.problem}</Banner>}
        <LastRun known={data} />
      </div>
      {data.faults.length > 0 && <Faults known={data} />}
    </Card>
  );
}

function State({ known: { state } }: Readonly<{ known: Integrity }>) {
  const { t } = useTranslation();
  if (state === 'ok') return <Pill tone="good">{t('integrity.ok')}</Pill>;
  if (state === 'broken') return <Pill tone="bad">{t('integrity.broken')}</Pill>;
  return <Pill tone="quiet">{t('integrity.waiting')}</Pill>;
}

function LastRun({ known }: Readonly<{ known: Integrity }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { lastRunAt, lastObjects, lastBytes, check } = known;
  const words = (objects: number, bytes: number) => ({
    objects: format.number(objects),
    bytes: format.bytes(bytes),
  });
  return (
    <p className="text-sm text-muted tabular">
      {check?.state === 'running'
        ? t('integrity.running', words(check.objects, check.bytes))
        : lastRunAt === null
          ? t('integrity.never')
          : t('integrity.last', { when: format.ago(lastRunAt), ...words(lastObjects, lastBytes) })}
    </p>
  );
}

const TONES = { damaged: 'bad', missing: 'bad', orphaned: 'quiet' } as const satisfies Readonly<
  Record<string, Tone>
>;

const WORDS = {
  damaged: 'integrity.damaged',
  missing: 'integrity.missing',
  orphaned: 'integrity.orphaned',
} as const;

function Faults({ known: { faults } }: Readonly<{ known: Integrity }>) {
  const { t } = useTranslation();
  return (
    <Table
      label={t('integrity.faults')}
      columns={[
        { key: 'says', label: t('keys.state') },
        { key: 'object', label: t('integrity.object') },
        { key: 'files', label: t('integrity.files') },
      ]}
    >
      {faults.map(({ id, says, object, detail, files: [file, ...more] }) => (
        <Row key={id}>
          <Cell>
            <Pill tone={TONES[says]}>{t(WORDS[says])}</Pill>
          </Cell>
          <Cell className="py-2.5">
            <span className="font-mono text-xs break-all">
              {object.kind} {object.name}
            </span>
            <span className="block text-xs text-muted">{detail}</span>
          </Cell>
          <Cell className="text-xs break-words">
            {file !== undefined && `${file.repository}: ${file.path}`}
            {more.length > 0 && (
              <span className="text-muted"> {t('integrity.more', { others: more.length })}</span>
            )}
          </Cell>
        </Row>
      ))}
    </Table>
  );
}
