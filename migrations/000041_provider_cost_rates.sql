-- What a provider asks for everything it counts, not for tokens alone: writing caches, images, seconds, characters, pages, requests.

-- As components of prices have it; null in versions of before, which were about tokens alone.
alter table provider_costs
  add column components jsonb;
