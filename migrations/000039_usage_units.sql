-- Sums of images, seconds, characters and other units beside tokens, by the groups of the sums of calls.

create table usage_units_hourly (
  tenant_id text not null,
  hour timestamptz not null,
  group_id uuid not null,
  unit text not null,
  direction text not null check (direction in ('input', 'output')),
  count bigint not null,
  primary key (tenant_id, hour, group_id, unit, direction)
);

create table usage_units_daily (
  tenant_id text not null,
  day date not null,
  group_id uuid not null,
  unit text not null,
  direction text not null check (direction in ('input', 'output')),
  count bigint not null,
  primary key (tenant_id, day, group_id, unit, direction)
);

-- Of calls that were recorded before: each lies in one group of its hour.
insert into usage_units_hourly (tenant_id, hour, group_id, unit, direction, count)
select kept.tenant_id, kept.hour, kept.group_id, each.value->>'unit', each.value->>'direction',
  sum((each.value->>'count')::bigint)
from usage_events e cross join lateral jsonb_array_elements(e.units) each
  join usage_hourly kept on kept.tenant_id = e.tenant_id
    and kept.hour = date_trunc('hour', e.billed_at, 'UTC') and kept.project_id = e.project_id
    and kept.key_id = e.key_id and kept.model_id = e.model_id and kept.model_name = e.model_name
    and kept.service_tier = e.service_tier and kept.rated_by = e.rated_by
    and kept.region = coalesce(e.attributes->>'region', '') and kept.currency = e.currency
    and kept.is_correction = (e.billed_at <> e.settled_at)
where e.units is not null
group by 1, 2, 3, 4, 5;

insert into usage_units_daily (tenant_id, day, group_id, unit, direction, count)
select tenant_id, (hour at time zone 'UTC')::date, group_id, unit, direction, sum(count)
from usage_units_hourly group by 1, 2, 3, 4, 5;
