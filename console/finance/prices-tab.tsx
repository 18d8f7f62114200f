/** The price book: what is in force, drafts and what they change, files in and out, and who did what. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Price, cloud } from '../cloud.ts';
import { useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { CodeIcon, DownloadIcon, FileIcon, PlusIcon } from '../ui/icons.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { Switch } from '../ui/switch.tsx';
import { PriceDraftDrawer } from './prices-draft.tsx';
import { PriceDraftList } from './prices-drafts.tsx';
import { PriceEditor } from './prices-editor.tsx';
import { PriceHistory } from './prices-history.tsx';
import { PriceImportDialog } from './prices-import.tsx';
import { PricesInForce } from './prices-in-force.tsx';
import { priceSettingsQuery } from './prices-queries.ts';

/** What stands open over the page. */
type Opened =
  | Readonly<{ kind: 'editor'; price: Price | null }>
  | Readonly<{ kind: 'draft'; id: string }>
  | Readonly<{ kind: 'import' }>;

export function PricesTab() {
  const { t } = useTranslation();
  const [opened, setOpened] = useState<Opened | null>(null);
  const close = (): void => setOpened(null);
  const openDraft = (id: string): void => setOpened({ kind: 'draft', id });
  return (
    <div className="space-y-4">
      <div className="flex flex-wrap justify-end gap-2">
        <ExportMenu />
        <Button onClick={() => setOpened({ kind: 'import' })}>
          <FileIcon />
          {t('prices.import')}
        </Button>
        <Button variant="primary" onClick={() => setOpened({ kind: 'editor', price: null })}>
          <PlusIcon />
          {t('prices.newDraft')}
        </Button>
      </div>
      <PriceDraftList onOpen={openDraft} />
      <PricesInForce onEdit={(price) => setOpened({ kind: 'editor', price })} />
      <Approval />
      <PriceHistory />
      {opened?.kind === 'editor' && (
        <PriceEditor
          start={{ draft: null, index: null, price: opened.price }}
          onClose={close}
          onSaved={openDraft}
        />
      )}
      {opened?.kind === 'draft' && <PriceDraftDrawer id={opened.id} onClose={close} />}
      {opened?.kind === 'import' && <PriceImportDialog onClose={close} onImported={openDraft} />}
    </div>
  );
}

function ExportMenu() {
  const { t } = useTranslation();
  const save = useMutation({
    mutationFn: async (format: 'csv' | 'json') => {
      const text = await cloud.priceBook.export({ format });
      saveFile(`prices.${format}`, text);
    },
  });
  return (
    <Menu
      trigger={
        <Button isBusy={save.isPending}>
          <DownloadIcon />
          {t('prices.export')}
        </Button>
      }
    >
      <MenuItem onSelect={() => save.mutate('csv')}>
        <FileIcon />
        CSV
      </MenuItem>
      <MenuItem onSelect={() => save.mutate('json')}>
        <CodeIcon />
        JSON
      </MenuItem>
    </Menu>
  );
}

function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text]));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

function Approval() {
  const { t } = useTranslation();
  const me = useMe();
  const queries = useQueryClient();
  const { data } = useQuery(priceSettingsQuery);
  const change = useMutation({
    mutationFn: (requiresApproval: boolean) => cloud.priceBook.setSettings({ requiresApproval }),
    onSuccess: async () => {
      await Promise.all(
        [['price-settings'], ['price-drafts'], ['price-events']].map((queryKey) =>
          queries.invalidateQueries({ queryKey }),
        ),
      );
    },
  });
  if (data === undefined || me.role !== 'owner') return null;
  return (
    <Card>
      <Switch
        label={t('prices.approval')}
        hint={t('prices.approvalHint')}
        isOn={data.requiresApproval}
        onChange={(isOn) => change.mutate(isOn)}
      />
    </Card>
  );
}
