-- Downloads by repository and day (UTC), counted as Hugging Face counts them, and beside it what that does not say:
-- how many different ones fetched something, and how many bytes went out.
create table downloads_daily (
  tenant_id text not null,
  model_id text not null,
  day date not null,
  downloads bigint not null default 0,
  downloaders bigint not null default 0,
  bytes bigint not null default 0,
  primary key (tenant_id, model_id, day),
  foreign key (tenant_id, model_id) references models (tenant_id, id)
);
create index downloads_daily_day on downloads_daily (day);

-- Who was counted already that day: a keyed hash, of which nobody gets back to the address; gone after two days.
create table downloaders (
  tenant_id text not null,
  model_id text not null,
  day date not null,
  client bytea not null,
  primary key (tenant_id, model_id, day, client)
);
create index downloaders_day on downloaders (day);
