-- Bytes that came whole are cut into chunks in the background; what no file is made of any more is collected.

alter table blobs
  -- When it is to be cut, or when whoever cuts it is taken for dead; null when there is nothing to do.
  add column chunk_at timestamptz default now(),
  add column chunk_claim text,
  add column chunk_failures integer not null default 0;
create index blobs_chunk on blobs (chunk_at) where chunk_at is not null;

-- Since when no blob is known for it: its readers may go on for a while.
alter table xet_files add column orphaned_at timestamptz;
create index xet_files_orphaned on xet_files (orphaned_at) where orphaned_at is not null;
