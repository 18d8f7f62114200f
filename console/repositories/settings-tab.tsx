/** What those who own a repository decide: who sees it, who gets its files, its name, and its end. */
import type { SectionProps } from './repository-tabs.tsx';
import { SettingsAccess } from './settings-access.tsx';
import { SettingsDanger } from './settings-danger.tsx';
import { SettingsGrants } from './settings-grants.tsx';
import { SettingsRequests } from './settings-requests.tsx';

export function SettingsTab(props: SectionProps) {
  return (
    <div className="max-w-3xl space-y-6">
      <SettingsAccess {...props} />
      {props.repository.gated !== 'no' && <SettingsRequests {...props} />}
      <SettingsGrants {...props} />
      <SettingsDanger {...props} />
    </div>
  );
}
