/** Which branch, tag, pull request or commit is looked at. */
import { useTranslation } from 'react-i18next';
import type { RepositoryRefs } from '#client/hub-repositories.ts';
import { type Choice, Select } from '../ui/select.tsx';
import { shortCommit } from './address.ts';

export type RevisionPickerProps = Readonly<{
  refs: RepositoryRefs | undefined;
  revision: string;
  onChange: (revision: string) => void;
}>;

export function RevisionPicker({ refs, revision, onChange }: RevisionPickerProps) {
  const { t } = useTranslation();
  const choices: Choice<string>[] = [
    ...(refs?.branches ?? []).map(({ name }) => ({
      value: name,
      label: name,
      detail: t('files.branch'),
    })),
    ...(refs?.tags ?? []).map(({ name }) => ({ value: name, label: name, detail: t('files.tag') })),
    ...(refs?.pullRequests ?? []).map(({ ref }) => ({
      value: ref,
      label: ref.replace('refs/pr/', '#'),
      detail: t('files.pull'),
    })),
  ];
  if (!choices.some(({ value }) => value === revision)) {
    const isCommit = /^[0-9a-f]{40}$/.test(revision);
    const label = isCommit ? shortCommit(revision) : revision;
    choices.push({ value: revision, label, detail: t('files.commit') });
  }
  return (
    <Select
      label={t('files.revision')}
      value={revision}
      choices={choices}
      onChange={onChange}
      size="sm"
      className="max-w-52 min-w-28"
    />
  );
}
