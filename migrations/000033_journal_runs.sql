-- Whether everything that gateways wrote arrived: the numbers of the records taken over, by the process that wrote them.
create table usage_journals (
  gateway_id text not null,
  -- Each start of a gateway counts its records from one.
  run text not null,
  -- Numbers taken over; in order and without a gap unless something was lost on the way.
  taken int8multirange not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (gateway_id, run)
);

-- How many calls each gateway's shipments recorded, and for how much, by the hour they count in. Kept when
-- single calls are dropped.
create table usage_taken (
  gateway_id text not null,
  hour timestamptz not null,
  calls bigint not null,
  amount_pico numeric(38, 0) not null,
  primary key (hour, gateway_id)
);

-- Whose shipments these were is not known any more.
insert into usage_taken (gateway_id, hour, calls, amount_pico)
select 'earlier', hour, sum(calls), sum(amount_pico) from usage_hourly group by hour;
