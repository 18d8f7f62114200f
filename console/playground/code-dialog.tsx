/** The call on screen as code. */
import { useTranslation } from 'react-i18next';
import { CLOUD_URL } from '../cloud.ts';
import { SnippetTabs } from '../snippets/snippet-card.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { type Conversation, messagesOf } from './conversation.ts';
import type { CallSettings } from './use-conversation.ts';

export type CodeDialogProps = Readonly<{
  settings: CallSettings;
  turns: Conversation;
  draft: string;
  onClose: () => void;
}>;

export function CodeDialog({ settings, turns, draft, onClose }: CodeDialogProps) {
  const { t } = useTranslation();
  const { system, ...call } = settings;
  const last = turns.at(-1);
  // What would be sent next; with an empty composer, what was sent last.
  const isNext = draft.trim() !== '' || last === undefined;
  const question = isNext ? draft.trim() || t('quickStart.prompt') : last.question;
  const before = isNext ? turns : turns.slice(0, -1);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width="44rem"
      title={t('playground.code')}
      description={t('playground.codeText')}
      closeLabel={t('action.close')}
    >
      <SnippetTabs
        call={{ ...call, url: CLOUD_URL, messages: messagesOf(system, before, question) }}
      />
    </Dialog>
  );
}
