/** The first page: is the wheel turning, and what do I do next. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { CLOUD_URL, type Overview } from '../cloud.ts';
import { useServedNames } from '../deployments/queries.ts';
import { Failure } from '../shell/failure.tsx';
import { PageSkeleton } from '../shell/page-skeleton.tsx';
import { useMe } from '../shell/session.ts';
import { SnippetTabs } from '../snippets/snippet-card.tsx';
import { buttonClass } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { ChatIcon } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { Checklist } from './checklist.tsx';
import { DayCard } from './day-card.tsx';
import { overviewQuery } from './queries.ts';
import { WheelCard } from './wheel-card.tsx';

export function OverviewPage() {
  const { t } = useTranslation();
  const { tenant } = useMe();
  const { data, error, refetch } = useQuery(overviewQuery);
  if (data === undefined && error === null) return <PageSkeleton />;
  return (
    <Page
      title={tenant.name}
      description={t('overview.text')}
      actions={
        <Link to="/playground" className={buttonClass('primary')}>
          <ChatIcon />
          {t('overview.try')}
        </Link>
      }
    >
      {data === undefined ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <Cards overview={data} />
      )}
    </Page>
  );
}

function Cards({ overview }: Readonly<{ overview: Overview }>) {
  return (
    <div className="grid gap-4 xl:grid-cols-[minmax(0,1fr)_20rem]">
      <WheelCard overview={overview} />
      <div className="grid gap-4 sm:grid-cols-2 xl:grid-cols-1 xl:grid-rows-[1fr_auto]">
        <DayCard overview={overview} />
        <Checklist overview={overview} />
      </div>
      <QuickStart />
    </div>
  );
}

/** What stands in the snippet before anything is served. */
const MODEL_PLACEHOLDER = 'owner/model';

function QuickStart() {
  const { t } = useTranslation();
  const [model = MODEL_PLACEHOLDER] = useServedNames();
  return (
    <Card
      className="xl:col-span-2"
      title={t('quickStart.title')}
      description={t('quickStart.text')}
      actions={
        <Link to="/keys" search={{ create: true }} className={buttonClass('secondary', 'sm')}>
          {t('quickStart.key')}
        </Link>
      }
    >
      <SnippetTabs
        call={{
          url: CLOUD_URL,
          model,
          messages: [{ role: 'user', content: t('quickStart.prompt') }],
        }}
      />
    </Card>
  );
}
