-- The catalogue: one row for each repository that is there, with all that lists filter, search and sort by.
-- Kept by triggers, so that no way of changing a repository can forget it.
create table catalogue (
  tenant_id text not null,
  model_id text not null,
  kind text not null,
  full_name text collate "C" not null,
  owner_folded text not null,
  visibility text not null,
  gated text not null,
  license text,
  task text,
  library text,
  languages text[] not null default '{}',
  architecture text,
  quantization text,
  -- 0 where nothing says how many there are.
  parameters bigint not null default 0,
  size_bytes bigint not null default 0,
  -- In lower case: tags, and what Hugging Face makes tags of (license:…, dataset:…).
  terms text[] not null default '{}',
  words tsvector not null default '',
  created_at timestamptz not null,
  updated_at timestamptz not null,
  likes bigint not null default 0,
  downloads bigint not null default 0,
  downloads_all_time bigint not null default 0,
  trending double precision not null default 0,
  primary key (tenant_id, model_id),
  foreign key (tenant_id, model_id) references models (tenant_id, id)
);
-- Ids grow with time: by id is by creation.
create unique index catalogue_created on catalogue (kind, model_id);
create index catalogue_updated on catalogue (kind, updated_at, model_id);
create index catalogue_downloads on catalogue (kind, downloads, model_id);
create index catalogue_likes on catalogue (kind, likes, model_id);
create index catalogue_trending on catalogue (kind, trending, model_id);
create index catalogue_parameters on catalogue (kind, parameters, model_id);
create index catalogue_size on catalogue (kind, size_bytes, model_id);
create index catalogue_name on catalogue (kind, full_name, model_id);
create index catalogue_owner on catalogue (kind, owner_folded, model_id);
create index catalogue_task on catalogue (kind, task, model_id);
create index catalogue_terms on catalogue using gin (terms);
create index catalogue_words on catalogue using gin (words);
-- Planned as what they are: many terms, each rare.
alter table catalogue alter column terms set statistics 1000;
alter table catalogue alter column words set statistics 1000;

-- The words of a name: what stands between marks, and its runs of letters and of digits ("qwen3", "qwen", "3", "0.6b").
create function name_words(name text) returns text[] language sql immutable parallel safe as $$
  select coalesce(array_agg(distinct word), '{}') from (
    select regexp_split_to_table(lower(name), '[^a-z0-9.]+') as word
    union all select regexp_split_to_table(lower(name), '[^a-z0-9]+')
    union all select (regexp_matches(lower(name), '[a-z]+|[0-9]+', 'g'))[1]) as parts
  where word <> ''
$$;

create function texts_of(list jsonb) returns text[] language sql immutable parallel safe as $$
  select coalesce(array_agg(value), '{}') from jsonb_array_elements_text(coalesce(list, '[]')) as value
  where value <> ''
$$;

create function catalogue_repository(repository models) returns void language plpgsql as $$
declare
  weights jsonb;
  bytes bigint;
begin
  if repository.removed_at is not null then
    delete from catalogue
    where tenant_id = repository.tenant_id and model_id = repository.id;
    return;
  end if;
  select r.metadata -> 'weights', r.size_bytes into weights, bytes from revisions r
  where r.tenant_id = repository.tenant_id and r.model_id = repository.id
    and r.id = repository.latest_revision_id;
  insert into catalogue as c (tenant_id, model_id, kind, full_name, owner_folded, visibility, gated,
    license, task, library, languages, architecture, quantization, parameters, size_bytes, terms, words,
    created_at, updated_at)
  values (repository.tenant_id, repository.id, repository.kind,
    repository.owner || '/' || repository.name, lower(repository.owner), repository.visibility,
    repository.gated, lower(repository.license), repository.card ->> 'task',
    repository.card ->> 'library', texts_of(repository.card -> 'languages'),
    weights ->> 'architecture', weights ->> 'quantization',
    coalesce((weights ->> 'parameters')::bigint, 0), coalesce(bytes, 0),
    texts_of(repository.card -> 'terms'),
    array_to_tsvector(name_words(repository.owner || '/' || repository.name)
      || texts_of(repository.card -> 'words')),
    repository.created_at, repository.updated_at)
  on conflict (tenant_id, model_id) do update set
    kind = excluded.kind, full_name = excluded.full_name, owner_folded = excluded.owner_folded,
    visibility = excluded.visibility, gated = excluded.gated, license = excluded.license,
    task = excluded.task, library = excluded.library, languages = excluded.languages,
    architecture = excluded.architecture, quantization = excluded.quantization,
    parameters = excluded.parameters, size_bytes = excluded.size_bytes, terms = excluded.terms,
    words = excluded.words, updated_at = excluded.updated_at;
end;
$$;

create function catalogue_models() returns trigger language plpgsql as $$
begin
  perform catalogue_repository(new);
  return null;
end;
$$;
create trigger models_catalogue after insert or update on models
  for each row execute function catalogue_models();

create function catalogue_likes() returns trigger language plpgsql as $$
begin
  update catalogue set likes = new.likes
  where tenant_id = new.tenant_id and model_id = new.model_id;
  return null;
end;
$$;
create trigger repository_likes_catalogue after insert or update on repository_like_counts
  for each row execute function catalogue_likes();

select catalogue_repository(m) from models m where removed_at is null;
update catalogue c set likes = l.likes from repository_like_counts l
where l.tenant_id = c.tenant_id and l.model_id = c.model_id;
create index lineage_base_names on lineage (base_name);
