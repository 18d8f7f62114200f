-- At least what a tenant keeps in its repositories: every commit adds what it puts, and only where that would go beyond
-- the quota is it counted anew. So a commit does not read all files that its tenant ever had.
create table storage_sums (
  tenant_id text primary key references tenants (id),
  bytes_at_most bigint not null check (bytes_at_most >= 0)
);
