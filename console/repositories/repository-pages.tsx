/** The page of a model, of a dataset and of a space: one page, three addresses. */
import { getRouteApi } from '@tanstack/react-router';
import { RepositoryPage } from './repository-page.tsx';

const model = getRouteApi('/signed-in/models/$owner/$name');
const dataset = getRouteApi('/signed-in/datasets/$owner/$name');
const space = getRouteApi('/signed-in/spaces/$owner/$name');

export function ModelPage() {
  const { owner, name } = model.useParams();
  const search = model.useSearch();
  const navigate = model.useNavigate();
  return (
    <RepositoryPage
      kind="model"
      name={`${owner}/${name}`}
      search={search}
      onSearch={(next) => void navigate({ search: next })}
    />
  );
}

export function DatasetPage() {
  const { owner, name } = dataset.useParams();
  const search = dataset.useSearch();
  const navigate = dataset.useNavigate();
  return (
    <RepositoryPage
      kind="dataset"
      name={`${owner}/${name}`}
      search={search}
      onSearch={(next) => void navigate({ search: next })}
    />
  );
}

export function SpacePage() {
  const { owner, name } = space.useParams();
  const search = space.useSearch();
  const navigate = space.useNavigate();
  return (
    <RepositoryPage
      kind="space"
      name={`${owner}/${name}`}
      search={search}
      onSearch={(next) => void navigate({ search: next })}
    />
  );
}
