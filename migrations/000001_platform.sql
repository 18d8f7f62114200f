-- The feed's version: gateways follow the control state by this number.

create table feed_version (
  only_row boolean primary key default true check (only_row),
  version bigint not null
);
insert into feed_version (version) values (1);

-- Bumped in the transaction that changes the state, so that a reader who sees version N sees all of N.
create function bump_feed_version() returns trigger language plpgsql as $$
begin
  update feed_version set version = version + 1;
  return null;
end;
$$;
