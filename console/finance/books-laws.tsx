/** Every law with how it stands, and when all rows and the latest ones were last looked at. */
import { useTranslation } from 'react-i18next';
import type { BookLaw } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Card } from '../ui/card.tsx';
import { Pill, type Tone } from '../ui/pill.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { wordsOfLaw } from './books-words.ts';

const TONES: Readonly<Record<BookLaw['state'], Tone>> = {
  ok: 'good',
  broken: 'bad',
  waiting: 'quiet',
  failing: 'warn',
};

export function Laws({ laws }: Readonly<{ laws: readonly BookLaw[] }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const states: Readonly<Record<BookLaw['state'], string>> = {
    ok: t('books.stateOk'),
    broken: t('books.stateBroken'),
    waiting: t('books.stateWaiting'),
    failing: t('books.stateFailing'),
  };
  return (
    <Card
      isFlush
      title={t('books.laws')}
      description={t('books.lawsText')}
      className="overflow-hidden"
    >
      <Table
        label={t('books.laws')}
        columns={[
          { key: 'law', label: t('books.law') },
          { key: 'state', label: t('books.state') },
          { key: 'rows', label: t('books.examined'), isNumber: true },
          { key: 'all', label: t('books.lastRun') },
          { key: 'recent', label: t('books.recent') },
        ]}
      >
        {laws.map((law) => {
          const { name, says } = wordsOfLaw(t, law);
          return (
            <Row key={law.name}>
              <Cell className="min-w-64 py-2">
                <span className="block font-medium">{name}</span>
                <span className="block text-xs text-muted">{says}</span>
                {law.problem !== null && (
                  <span className="block text-xs text-warn">{law.problem}</span>
                )}
              </Cell>
              <Cell>
                <Pill tone={TONES[law.state]} isLive={law.underWay !== null}>
                  {law.state === 'broken' ? format.number(law.findings) : states[law.state]}
                </Pill>
              </Cell>
              <Cell isNumber>{format.number(law.examined)}</Cell>
              <Cell className="whitespace-nowrap text-muted">
                {law.lastRunAt === null ? '–' : format.ago(law.lastRunAt)}
              </Cell>
              <Cell className="whitespace-nowrap text-muted">
                {law.recentAt === null ? '–' : format.ago(law.recentAt)}
              </Cell>
            </Row>
          );
        })}
      </Table>
    </Card>
  );
}
