/** The projects of the tenant: what keys act for and usage is told apart by. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { maySee, meQuery, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { classNames } from '../ui/class-names.ts';
import { INPUT_CLASS } from '../ui/field.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { ContentsDialog } from './contents-dialog.tsx';
import { contentsQuery } from './queries.ts';

export function Projects() {
  const { t } = useTranslation();
  const format = useFormat();
  const { projects, role } = useMe();
  return (
    <Card
      isFlush
      className="overflow-hidden"
      title={t('settings.projects')}
      description={t('settings.projectsText')}
      actions={maySee(role, 'inviting') && <ProjectForm />}
    >
      <Table
        label={t('settings.projects')}
        columns={[
          { key: 'name', label: t('settings.name') },
          { key: 'id', label: t('settings.id') },
          { key: 'created', label: t('keys.created'), isNumber: true },
          { key: 'contents', label: t('contents.title'), isNumber: true },
        ]}
      >
        {projects.map((project) => (
          <Row key={project.id}>
            <Cell className="font-medium">{project.name}</Cell>
            <Cell className="font-mono text-xs text-muted">{project.id}</Cell>
            <Cell isNumber>{format.day(project.createdAt)}</Cell>
            <Cell isNumber>
              <ContentsButton project={project} />
            </Cell>
          </Row>
        ))}
      </Table>
    </Card>
  );
}

/** Whether the project keeps what is asked and answered; owners and admins may change it. */
function ContentsButton({
  project,
}: Readonly<{ project: Readonly<{ id: string; name: string }> }>) {
  const { t } = useTranslation();
  const { role } = useMe();
  const [isOpen, setIsOpen] = useState(false);
  const { data } = useQuery(contentsQuery(project.id));
  if (data === undefined) return null;
  const state = data.isKept ? t('contents.kept', { days: data.keptDays }) : t('contents.off');
  if (!maySee(role, 'inviting')) return <span className="text-muted">{state}</span>;
  return (
    <>
      <Button
        size="sm"
        aria-label={`${t('contents.title')} · ${project.name}: ${state}`}
        onClick={() => setIsOpen(true)}
      >
        {state}
      </Button>
      {isOpen && <ContentsDialog project={project} onClose={() => setIsOpen(false)} />}
    </>
  );
}

function ProjectForm() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const create = useMutation({
    mutationFn: () => cloud.projects.create({ name: name.trim() }),
    onSuccess: () => {
      setName('');
      return queries.invalidateQueries({ queryKey: meQuery.queryKey });
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <form onSubmit={onSubmit} className="flex gap-2">
      <input
        aria-label={t('settings.newProject')}
        placeholder={t('settings.newProject')}
        required
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.target.value)}
        className={classNames(INPUT_CLASS, 'h-7 w-40')}
      />
      <Button size="sm" type="submit" isBusy={create.isPending}>
        {t('action.create')}
      </Button>
    </form>
  );
}
