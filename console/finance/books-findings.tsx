/** Rows that break a law, each with the way to it. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { BookFinding } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Card } from '../ui/card.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { placeOf, wordsOfLaw } from './books-words.ts';

type FindingsProps = Readonly<{ title: string; findings: readonly BookFinding[] }>;

export function Findings({ title, findings }: FindingsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Card isFlush title={title} className="overflow-hidden">
      <Table
        label={title}
        columns={[
          { key: 'law', label: t('books.law') },
          { key: 'where', label: t('books.where') },
          { key: 'what', label: t('books.what') },
          { key: 'since', label: t('books.since') },
        ]}
      >
        {findings.map((finding) => {
          const { law, says, subject, detail, firstSeenAt, resolvedAt } = finding;
          return (
            <Row key={`${says}${subject}${firstSeenAt}`} isDim={resolvedAt !== null}>
              <Cell className="min-w-44">
                <span className="block font-medium">{wordsOfLaw(t, { name: law, says }).name}</span>
                <span className="block text-xs text-muted">{says}</span>
              </Cell>
              <Cell className="min-w-40 font-mono text-xs break-all">
                <Subject subject={subject} />
              </Cell>
              <Cell className="min-w-56 text-muted">{detail}</Cell>
              <Cell className="whitespace-nowrap text-muted">
                {resolvedAt === null
                  ? format.ago(firstSeenAt)
                  : t('books.until', { when: format.ago(resolvedAt) })}
              </Cell>
            </Row>
          );
        })}
      </Table>
    </Card>
  );
}

function Subject({ subject }: Readonly<{ subject: string }>) {
  const place = placeOf(subject);
  if (place === null) return subject;
  return (
    <Link to="/finance" search={place} resetScroll={false} className="underline underline-offset-2">
      {subject}
    </Link>
  );
}
