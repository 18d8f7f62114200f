-- Xet: chunks packed into xorbs, files made of runs of their chunks, and which chunks clients find again.

-- Hashes are the bytes of the digits that the protocol writes, which are the hash with each eight bytes turned round.
create table xet_xorbs (
  hash bytea primary key,
  -- The same chunks can be packed in several ways; this names the one that lies in the object store.
  layout text not null,
  packed_bytes bigint not null check (packed_bytes > 0),
  content_bytes bigint not null check (content_bytes > 0),
  -- For each chunk 32 bytes of hash, four of where its frame ends, four of its size.
  chunks bytea not null,
  -- When somebody last sent it, was told of it or made a file of it. Clients keep what they know for weeks.
  touched_at timestamptz not null default now()
);
create index xet_xorbs_touched on xet_xorbs (touched_at);

-- Who sent a xorb's bytes, and so may make files of it before any file is.
create table xet_xorb_holders (
  tenant_id text not null references tenants (id),
  xorb_hash bytea not null references xet_xorbs (hash) on delete cascade,
  primary key (tenant_id, xorb_hash)
);
create index xet_xorb_holders_xorb on xet_xorb_holders (xorb_hash);

-- Chunks that clients ask for: one in 1,024, and the first of each file.
create table xet_chunk_keys (
  chunk_hash bytea not null,
  xorb_hash bytea not null references xet_xorbs (hash) on delete cascade,
  primary key (chunk_hash, xorb_hash)
);
create index xet_chunk_keys_xorb on xet_chunk_keys (xorb_hash);

create table xet_files (
  hash bytea primary key,
  sha256 bytea not null,
  size_bytes bigint not null check (size_bytes > 0),
  -- For each term 32 bytes of its xorb's hash, then first chunk, chunk after the last, and bytes, four each.
  terms bytea not null,
  touched_at timestamptz not null default now()
);
create index xet_files_sha256 on xet_files (sha256);
create index xet_files_touched on xet_files (touched_at);

create table xet_file_xorbs (
  file_hash bytea not null references xet_files (hash) on delete cascade,
  xorb_hash bytea not null references xet_xorbs (hash),
  primary key (file_hash, xorb_hash)
);
create index xet_file_xorbs_xorb on xet_file_xorbs (xorb_hash);
