-- Coupon codes that a tenant guessed wrongly, and new prices whose callers are to be told.

-- Wrong codes since the first of an hour, one row a tenant.
create table coupon_guesses (
  tenant_id text primary key references tenants (id),
  since timestamptz not null,
  wrong integer not null check (wrong > 0)
);

-- Who called a model lately hears of its new price, in steps of some tenants; `told_to` is the last of them.
create table price_announcements (
  price_id text primary key references prices (id),
  told_to text not null default '',
  ended_at timestamptz
);
create index price_announcements_open on price_announcements (price_id) where ended_at is null;
