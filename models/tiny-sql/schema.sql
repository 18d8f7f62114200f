create table customers (
  id integer primary key,
  name text not null,
  city text not null
);
create table products (
  id integer primary key,
  name text not null,
  category text not null,
  price numeric(10, 2) not null,
  stock integer not null
);
create table orders (
  id integer primary key,
  customer_id integer not null references customers (id),
  product_id integer not null references products (id),
  quantity integer not null,
  ordered_on date not null
);
