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
  const { t, i18n } = useTranslation();
  const isEnglish = i18n.language === 'en';
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
          const words = wordsOfLaw(t, { name: law, says });
          return (
            <Row key={`${says}${subject}${firstSeenAt}`} isDim={resolvedAt !== null}>
              <Cell className="min-w-44 py-2">
                <span className="block font-medium">{words.name}</span>
                {/* Findings speak English; another language says what the whole law does. */}
                <span className="block text-xs text-muted">{isEnglish ? says : words.says}</span>
              </Cell>
              <Cell className="min-w-40 font-mono text-xs break-all">
                <Subject subject={subject} />
              </Cell>
              <Cell className="min-w-56 py-2 text-muted">{detail}</Cell>
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
