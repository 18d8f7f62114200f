/** Failures in human words: inline where content would be, or as a toast after an action. */
import { useTranslation } from 'react-i18next';
import i18next from 'i18next';
import { ApiError } from '#client/api-error.ts';
import { Button } from '../ui/button.tsx';
import { RefreshIcon } from '../ui/icons.tsx';
import { Banner } from '../ui/notice.tsx';
import { toasts } from '../ui/toast.tsx';

/** Codes a person meets often enough to deserve their own language; others speak the server's. */
const KNOWN = {
  'connection.failed': 'failure.connection',
  'connection.timeout': 'failure.timeout',
  'stream.cut': 'failure.cut',
  'access.denied': 'failure.denied',
} as const;

const KNOWN_STATUS = {
  401: 'failure.signedOut',
  429: 'failure.tooMany',
  503: 'failure.unavailable',
} as const;

export function describeFailure(error: unknown): string {
  if (!(error instanceof ApiError)) return i18next.t('failure.unknown');
  for (const [code, key] of Object.entries(KNOWN)) {
    if (error.code === code) return i18next.t(key);
  }
  if (i18next.language !== 'en') {
    for (const [status, key] of Object.entries(KNOWN_STATUS)) {
      if (error.status === Number(status)) return `${i18next.t(key)} ${error.message}`;
    }
  }
  return error.message;
}

export function requestIdOf(error: unknown): string | null {
  return error instanceof ApiError ? error.requestId : null;
}

export function toastFailure(error: unknown): void {
  const requestId = requestIdOf(error);
  toasts.add({
    type: 'bad',
    priority: 'high',
    title: describeFailure(error),
    ...(requestId === null ? {} : { description: i18next.t('failure.request', { id: requestId }) }),
  });
}

export type FailureProps = Readonly<{ error: unknown; onRetry?: () => void }>;

export function Failure({ error, onRetry }: FailureProps) {
  const { t } = useTranslation();
  const requestId = requestIdOf(error);
  return (
    <Banner
      tone="bad"
      title={t('failure.title')}
      action={
        onRetry !== undefined && (
          <Button size="sm" onClick={onRetry}>
            <RefreshIcon />
            {t('action.retry')}
          </Button>
        )
      }
    >
      {describeFailure(error)}
      {requestId !== null && (
        <p className="mt-1 font-mono text-xs text-muted">
          {t('failure.request', { id: requestId })}
        </p>
      )}
    </Banner>
  );
}
