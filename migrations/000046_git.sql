-- Git: small files have their own SHA-1, revisions the commit that git knows them by, and tags their own object.

-- Null where git knows a pointer of LFS instead of the file.
alter table files add column git_oid bytea;
alter table files add column is_executable boolean not null default false;

-- A revision that was made as a commit has its own id here; imports, and what came before git, get a commit of their own.
create table git_commits (
  tenant_id text not null,
  model_id text not null,
  revision_id text not null,
  commit_id text not null,
  -- As git keeps it, without its header.
  object bytea not null,
  primary key (tenant_id, model_id, revision_id),
  foreign key (tenant_id, model_id, revision_id) references revisions (tenant_id, model_id, id) on delete cascade
);
create index git_commits_commit on git_commits (tenant_id, model_id, commit_id);

-- Of a tag that says more than which revision it names.
alter table repository_refs add column tag_object bytea;
