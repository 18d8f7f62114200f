-- A lease values a source that is counted in units by the model it is for, so what it holds is counted in units too.

alter table lease_parts
  -- What one unit was worth when it was leased; 1 for money.
  add column pico_per_unit numeric(38, 0) not null default 1 check (pico_per_unit > 0);
