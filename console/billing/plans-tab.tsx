/** Plans, credits, free quotas and coupons of the tenant. */
import { useQuery } from '@tanstack/react-query';
import { Failure } from '../shell/failure.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { CreditSources, FreeOnly, RedeemCoupon } from './plans-credits.tsx';
import { CurrentPlan } from './plans-current.tsx';
import { OfferedPlans, OfferedSavings } from './plans-offered.tsx';
import { creditSummaryQuery, subscriptionQuery } from './plans-queries.ts';

export function PlansTab() {
  const summary = useQuery(creditSummaryQuery);
  const subscription = useQuery(subscriptionQuery);
  const error = summary.error ?? subscription.error;
  if (summary.data === undefined || subscription.data === undefined) {
    if (error === null) return <Skeleton className="h-64 rounded-xl" />;
    const onRetry = (): void => {
      void summary.refetch();
      void subscription.refetch();
    };
    return <Failure error={error} onRetry={onRetry} />;
  }
  return (
    <div className="space-y-4">
      {subscription.data !== null && <CurrentPlan subscription={subscription.data} />}
      <CreditSources summary={summary.data} />
      <div className="grid gap-4 lg:grid-cols-2">
        <RedeemCoupon />
        <FreeOnly summary={summary.data} />
      </div>
      <OfferedPlans subscription={subscription.data} />
      <OfferedSavings />
    </div>
  );
}
