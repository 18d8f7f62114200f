/** A new webhook, and its secret in its only appearance. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type WebhookCreated, cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Switch } from '../ui/switch.tsx';
import { WEBHOOKS_KEY } from './webhook-queries.ts';

/** What most want to hear; the API and the command line know every kind. */
const GROUPS = [
  ['webhooks.groupPayments', ['payment.succeeded', 'payment.failed', 'payment.refunded']],
  ['webhooks.groupInvoices', ['invoice.issued', 'invoice.paid', 'invoice.overdue']],
  ['webhooks.groupBudgets', ['budget.reached', 'budget.forecast', 'spend.anomaly']],
] as const;

export function CreateWebhook({ onClose }: Readonly<{ onClose: () => void }>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const isOperator = useMe().tenant.kind === 'operator';
  const [name, setName] = useState('');
  const [url, setUrl] = useState('');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [allowsPrivate, setAllowsPrivate] = useState(false);
  const create = useMutation({
    mutationFn: () =>
      cloud.webhooks.create({
        name: name.trim(),
        url: url.trim(),
        kinds: kindsOf(chosen),
        allowsPrivate,
      }),
    meta: { isSilent: true },
    onSuccess: () => queries.invalidateQueries({ queryKey: WEBHOOKS_KEY }),
  });
  if (create.data !== undefined) return <WebhookSecret created={create.data} onClose={onClose} />;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('webhooks.create')}
      description={t('webhooks.createText')}
      closeLabel={t('action.close')}
    >
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <TextField
          label={t('webhooks.name')}
          required
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label={t('webhooks.url')}
          type="url"
          required
          placeholder="https://example.com/hooks"
          value={url}
          onChange={(event) => setUrl(event.target.value)}
        />
        <KindFields chosen={chosen} onChange={setChosen} />
        {isOperator && (
          <Switch
            label={t('webhooks.private')}
            hint={t('webhooks.privateHint')}
            isOn={allowsPrivate}
            onChange={setAllowsPrivate}
          />
        )}
        {create.error !== null && <Banner tone="bad">{describeFailure(create.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="primary" isBusy={create.isPending}>
            {t('action.create')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function kindsOf(chosen: readonly string[]) {
  const kinds = GROUPS.flatMap(([label, of]) => (chosen.includes(label) ? [...of] : []));
  return kinds.length === 0 ? null : kinds;
}

type KindFieldsProps = Readonly<{
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}>;

/** None chosen means all. */
function KindFields({ chosen, onChange }: KindFieldsProps) {
  const { t } = useTranslation();
  return (
    <fieldset className="space-y-3">
      <legend className="mb-1.5 text-sm font-medium">{t('webhooks.only')}</legend>
      {GROUPS.map(([label, of]) => (
        <Switch
          key={label}
          label={t(label)}
          hint={of.join(', ')}
          isOn={chosen.includes(label)}
          onChange={(isOn) =>
            onChange(isOn ? [...chosen, label] : chosen.filter((each) => each !== label))
          }
        />
      ))}
    </fieldset>
  );
}

export type WebhookSecretProps = Readonly<{ created: WebhookCreated; onClose: () => void }>;

export function WebhookSecret({ created, onClose }: WebhookSecretProps) {
  const { t } = useTranslation();
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('webhooks.secretOf', { name: created.name })}
      closeLabel={t('action.close')}
    >
      <div className="space-y-4">
        <Banner tone="warn">{t('webhooks.once')}</Banner>
        <div className="flex items-center gap-2 rounded-lg border bg-inset py-2 pr-2 pl-3.5">
          <code data-secret className="min-w-0 flex-1 font-mono text-sm break-all">
            {created.secret}
          </code>
          <CopyButton
            hasText
            text={created.secret}
            label={t('action.copy')}
            doneLabel={t('action.copied')}
          />
        </div>
        {created.previousSecretUntil !== null && (
          <p className="text-sm text-muted">{t('webhooks.oldToo')}</p>
        )}
        <DialogActions>
          <Button variant="primary" onClick={onClose}>
            {t('keys.saved')}
          </Button>
        </DialogActions>
      </div>
    </Dialog>
  );
}
