-- What a call used beside tokens and what chose its price, so that an audit rates it again to the same amount.
alter table usage_events
  add column cache_write_1h_tokens bigint not null default 0 check (cache_write_1h_tokens >= 0),
  -- [{"unit", "direction", "count"}]; null where only tokens were used.
  add column units jsonb,
  -- {"isThinking", "cacheKind", "resolution", "region"}; null where nothing chose.
  add column attributes jsonb;
