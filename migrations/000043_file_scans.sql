-- What a look into a file said that Python would load by running it. Of its content, so once for all that hold it.
create table file_scans (
  sha256 bytea primary key references blobs (sha256) on delete cascade,
  verdict text not null check (verdict in ('safe', 'suspicious', 'unsafe')),
  imports jsonb not null,
  -- Why it could not be read to its end.
  remark text,
  scanned_at timestamptz not null default now()
);
