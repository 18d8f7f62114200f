-- A node that is stopping says so: it finishes what it answers and gets nothing new.

alter table nodes add column is_leaving boolean not null default false;
