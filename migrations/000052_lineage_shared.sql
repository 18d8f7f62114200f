-- How many bytes of a derivative its base has too, as measured of these two revisions.
create table lineage_shared (
  model_id text not null references models (id),
  base_model_id text not null references models (id),
  revision_id text not null,
  base_revision_id text not null,
  shared_bytes bigint not null check (shared_bytes >= 0),
  total_bytes bigint not null check (total_bytes >= shared_bytes),
  measured_at timestamptz not null default now(),
  primary key (model_id, base_model_id)
);
create index lineage_shared_base on lineage_shared (base_model_id);
