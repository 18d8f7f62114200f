"""Questions over one shop schema, in English and Chinese, each with the SQL that answers it.

A question is a wording with slots; the slots are filled from the shop's own names, from other names and from numbers.
A fifth of the filled questions (by hash) and one wording per kind and language are held out.
"""

import random
import zlib
from dataclasses import dataclass, replace

from .example import Example, Turn
from .questions import wordings
from .spintax import expand, speak
from .tools import invented

# Share of training questions in the many wordings of material/sql-wordings.txt; those of the kinds below are the rest.
MORE = 0.65
SYSTEM = 'You write SQL for the shop schema.'

CITIES = ['Paris', 'London', 'Berlin', 'Rome', 'Oslo', 'Madrid', '北京', '上海', '深圳', '成都', '杭州', '西安']
CUSTOMERS = ['Anna', 'Ben', 'Carla', 'David', 'Emma', 'Frank', 'Grace', 'Henry', '小明', '小红', '老张', '丽丽', '阿强', '王芳', '李雷', '陈静']
PRODUCTS = ['lamp', 'chair', 'teapot', 'guitar', 'tent', 'kettle', 'notebook', 'scarf', 'robot', 'puzzle', '茶杯', '雨伞', '书包', '台灯', '围巾', '积木']
CATEGORIES = {'home': '家居', 'tea': '茶', 'music': '音乐', 'outdoor': '户外', 'paper': '文具', 'clothes': '服装', 'toys': '玩具'}
JOINED = 'FROM orders o JOIN customers c ON c.id = o.customer_id JOIN products p ON p.id = o.product_id'
TO_CUSTOMER = 'FROM orders o JOIN customers c ON c.id = o.customer_id'
TO_PRODUCT = 'FROM orders o JOIN products p ON p.id = o.product_id'


@dataclass(frozen=True)
class Kind:
    """One kind of question. The last wording of each language is never trained."""

    sql: str
    en: tuple[str, ...]
    zh: tuple[str, ...]


KINDS = (
    Kind('SELECT COUNT(*) FROM customers;',
         ('how many customers are there', 'how many customers do we have', 'count the customers', 'number of customers', 'total number of customers',
          'how many clients in total'),
         ('有多少客户', '一共有多少个客户', '客户总数是多少', '统计客户数量', '我们有几个客户', '客户一共几位')),
    Kind("SELECT COUNT(*) FROM customers WHERE city = '{city}';",
         ('how many customers live in {city}', 'how many customers are in {city}', 'count the customers from {city}', 'number of customers in {city}',
          'how many customers come from {city}', 'how many clients have we got in {city}'),
         ('{city}有多少客户', '住在{city}的客户有几个', '来自{city}的客户有多少', '统计{city}的客户数量', '{city}有几个客户', '{city}的客户一共几位')),
    Kind("SELECT name FROM customers WHERE city = '{city}' ORDER BY name;",
         ('list the customers in {city}', 'which customers live in {city}', 'who lives in {city}', 'names of the customers in {city}', 'show all customers from {city}',
          'who are our clients in {city}'),
         ('列出{city}的客户', '哪些客户住在{city}', '谁住在{city}', '{city}的客户叫什么名字', '显示来自{city}的所有客户', '{city}的客户都有谁')),
    Kind("SELECT city FROM customers WHERE name = '{customer}';",
         ('where does {customer} live', 'in which city does {customer} live', 'what is the city of {customer}', 'which city is {customer} from', 'city of customer {customer}',
          'what city does {customer} come from'),
         ('{customer}住在哪里', '{customer}住在哪个城市', '{customer}的城市是什么', '客户{customer}来自哪里', '查{customer}所在的城市', '{customer}是哪个城市的')),
    Kind('SELECT city, COUNT(*) FROM customers GROUP BY city ORDER BY city;',
         ('how many customers per city', 'count customers by city', 'number of customers in each city', 'customers per city', 'group the customers by city',
          'for every city, how many customers'),
         ('每个城市有多少客户', '按城市统计客户', '各城市的客户数量', '按城市分组统计客户数', '各个城市有几个客户', '每座城市客户各几位')),
    Kind('SELECT COUNT(*) FROM products;',
         ('how many products are there', 'how many products do we sell', 'count the products', 'number of products', 'total number of products', 'how many articles in total'),
         ('有多少商品', '一共有多少种商品', '商品总数是多少', '统计商品数量', '我们卖几种商品', '商品一共几种')),
    Kind("SELECT COUNT(*) FROM products WHERE category = '{category}';",
         ('how many products are in the category {category}', 'how many {category} products are there', 'count the {category} products',
          'number of products in {category}', 'how many products in category {category}', 'how many articles belong to {category}'),
         ('{category}类有多少商品', '{category}类商品有几种', '统计{category}类商品数量', '{category}分类下有多少商品', '{category}类有几种商品', '属于{category}的商品一共几种')),
    Kind("SELECT name FROM products WHERE category = '{category}' ORDER BY name;",
         ('list the {category} products', 'which products are in the category {category}', 'show all products in {category}', 'names of the {category} products',
          'what {category} products do we have', 'which articles belong to {category}'),
         ('列出{category}类商品', '{category}类有哪些商品', '显示{category}分类的所有商品', '{category}类商品的名称', '哪些商品属于{category}类', '{category}类里都卖什么')),
    Kind("SELECT price FROM products WHERE name = '{product}';",
         ('how much is the {product}', 'what does the {product} cost', 'price of the {product}', 'what is the price of the {product}', 'how much does {product} cost',
          'what must I pay for the {product}'),
         ('{product}多少钱', '{product}的价格是多少', '查{product}的价格', '{product}卖多少钱', '{product}价格', '买一个{product}要多少钱')),
    Kind("SELECT stock FROM products WHERE name = '{product}';",
         ('how many {product} are in stock', 'stock of the {product}', 'what is the stock of {product}', 'how much {product} is left in stock', 'how many of {product} do we have in stock',
          'is there any {product} in stock, how many'),
         ('{product}还有多少库存', '{product}的库存是多少', '查{product}的库存', '{product}库存多少', '{product}还剩几个库存', '仓库里{product}库存还有几件')),
    Kind('SELECT name FROM products WHERE price > {number} ORDER BY name;',
         ('which products cost more than {number}', 'products with a price above {number}', 'list products more expensive than {number}', 'show products over {number}',
          'products that cost more than {number}', 'what articles are priced above {number}'),
         ('哪些商品价格高于{number}', '价格超过{number}的商品', '列出比{number}贵的商品', '价格大于{number}的商品有哪些', '{number}以上的商品', '哪些商品比{number}元贵')),
    Kind('SELECT name FROM products WHERE price < {number} ORDER BY name;',
         ('which products cost less than {number}', 'products with a price below {number}', 'list products cheaper than {number}', 'show products under {number}',
          'products that cost less than {number}', 'what articles are priced below {number}'),
         ('哪些商品价格低于{number}', '价格不到{number}的商品', '列出比{number}便宜的商品', '价格小于{number}的商品有哪些', '{number}以下的商品', '哪些商品比{number}元便宜')),
    Kind('SELECT name FROM products WHERE stock < {number} ORDER BY name;',
         ('which products have a stock below {number}', 'products with less than {number} in stock', 'list products with stock under {number}',
          'which products have fewer than {number} in stock', 'show products with stock less than {number}', 'what articles have below {number} left in stock'),
         ('哪些商品库存低于{number}', '库存不到{number}的商品', '列出库存少于{number}的商品', '库存小于{number}的商品有哪些', '库存在{number}以下的商品', '哪些商品库存比{number}少')),
    Kind('SELECT name FROM products WHERE stock = 0 ORDER BY name;',
         ('which products are out of stock', 'list products out of stock', 'products with no stock', 'which products are sold out', 'show the sold out products',
          'what articles have no stock left'),
         ('哪些商品缺货', '列出没有库存的商品', '哪些商品卖完了', '缺货的商品有哪些', '显示售罄的商品', '没有库存的商品都有什么')),
    Kind('SELECT name FROM products ORDER BY price DESC LIMIT 1;',
         ('what is the most expensive product', 'which product is the most expensive', 'the most expensive product', 'product with the highest price', 'which product costs the most',
          'name the priciest product, the most expensive'),
         ('最贵的商品是什么', '哪个商品最贵', '价格最高的商品', '哪种商品最贵', '查最贵的商品', '什么商品价格最高')),
    Kind('SELECT name FROM products ORDER BY price ASC LIMIT 1;',
         ('what is the cheapest product', 'which product is the cheapest', 'the cheapest product', 'product with the lowest price', 'which product costs the least',
          'name the product that is cheapest'),
         ('最便宜的商品是什么', '哪个商品最便宜', '价格最低的商品', '哪种商品最便宜', '查最便宜的商品', '什么商品价格最低')),
    Kind('SELECT name FROM products ORDER BY price DESC LIMIT {few};',
         ('list the {few} most expensive products', 'top {few} products by price', 'the {few} most expensive products', 'show the {few} products with the highest price',
          'which {few} products are the most expensive', 'give the {few} highest priced products'),
         ('列出最贵的{few}个商品', '价格最高的{few}个商品', '最贵的{few}种商品是什么', '显示最贵的{few}个商品', '哪{few}个商品最贵', '价格排前{few}的商品')),
    Kind('SELECT AVG(price) FROM products;',
         ('what is the average price', 'average price of the products', 'average product price', 'what do products cost on average', 'mean price of all products',
          'compute the average price of everything'),
         ('平均价格是多少', '商品的平均价格', '所有商品平均多少钱', '计算平均价格', '商品均价是多少', '全部商品价格平均值')),
    Kind("SELECT AVG(price) FROM products WHERE category = '{category}';",
         ('what is the average price in {category}', 'average price of {category} products', 'average price in the category {category}', 'what do {category} products cost on average',
          'mean price of the {category} products', 'compute the average price for {category}'),
         ('{category}类商品的平均价格', '{category}类平均多少钱', '{category}分类的平均价格是多少', '计算{category}类的平均价格', '{category}类商品均价', '{category}类价格平均值')),
    Kind('SELECT category, COUNT(*) FROM products GROUP BY category ORDER BY category;',
         ('how many products per category', 'count products by category', 'number of products in each category', 'products per category', 'group the products by category',
          'for every category, how many products'),
         ('每个类别有多少商品', '按类别统计商品', '各类别的商品数量', '按分类统计商品数', '各个类别有几种商品', '每种类别商品各几种')),
    Kind('SELECT COUNT(*) FROM orders;',
         ('how many orders are there', 'how many orders do we have', 'count the orders', 'number of orders', 'total number of orders', 'how many orders altogether'),
         ('有多少订单', '一共有多少个订单', '订单总数是多少', '统计订单数量', '我们有几个订单', '订单一共几张')),
    Kind(f"SELECT COUNT(*) {TO_CUSTOMER} WHERE c.name = '{{customer}}';",
         ('how many orders did {customer} place', 'how many orders does {customer} have', 'count the orders of {customer}', 'number of orders by {customer}',
          'how many times did {customer} order', 'how many orders came from {customer}'),
         ('{customer}有多少订单', '{customer}下了几个订单', '统计{customer}的订单数', '{customer}下过多少次单', '客户{customer}的订单数量', '{customer}的订单一共几张')),
    Kind(f"SELECT DISTINCT p.name {JOINED} WHERE c.name = '{{customer}}' ORDER BY p.name;",
         ('what did {customer} buy', 'which products did {customer} buy', 'list the products {customer} bought', 'what has {customer} ordered', 'products ordered by {customer}',
          'what things has {customer} bought'),
         ('{customer}买了什么', '{customer}买过哪些商品', '列出{customer}买的商品', '{customer}订购了什么', '客户{customer}购买的商品', '{customer}都买过什么东西')),
    Kind(f"SELECT DISTINCT c.name {JOINED} WHERE p.name = '{{product}}' ORDER BY c.name;",
         ('who bought the {product}', 'which customers bought the {product}', 'list the customers who bought {product}', 'who ordered the {product}', 'customers who ordered {product}',
          'who are the buyers of the {product}'),
         ('谁买了{product}', '哪些客户买了{product}', '列出买过{product}的客户', '谁订购了{product}', '购买{product}的客户', '{product}都被谁买了')),
    Kind(f"SELECT SUM(o.quantity) {TO_PRODUCT} WHERE p.name = '{{product}}';",
         ('how many {product} were sold', 'total quantity of {product} sold', 'how many {product} did we sell', 'number of {product} sold', 'sum of the quantity sold of {product}',
          'what quantity of {product} has been sold'),
         ('{product}卖了多少个', '{product}的销量是多少', '一共卖出多少{product}', '{product}总共卖了几个', '统计{product}的销量', '卖掉的{product}有多少')),
    Kind(f"SELECT SUM(o.quantity * p.price) {TO_PRODUCT} WHERE p.name = '{{product}}';",
         ('what is the revenue of {product}', 'revenue from the {product}', 'how much money did the {product} bring in', 'total sales value of {product}', 'turnover of {product}',
          'how much revenue came from {product}'),
         ('{product}的销售额是多少', '{product}的收入', '{product}带来多少收入', '{product}卖了多少钱总额', '统计{product}的销售额', '{product}总收入有多少')),
    Kind(f'SELECT SUM(o.quantity * p.price) {TO_PRODUCT};',
         ('what is the total revenue', 'total revenue', 'total sales value of all orders', 'how much money did we make in total', 'sum of all sales', 'our whole revenue'),
         ('总销售额是多少', '总收入是多少', '所有订单的总金额', '我们一共赚了多少钱', '统计总销售额', '全部收入有多少')),
    Kind(f"SELECT SUM(o.quantity * p.price) {JOINED} WHERE c.name = '{{customer}}';",
         ('how much did {customer} spend', 'total spent by {customer}', 'how much money has {customer} spent', 'what is the total spending of {customer}', 'sum spent by {customer}',
          'how much money did {customer} pay in total'),
         ('{customer}花了多少钱', '{customer}的消费总额', '{customer}一共消费多少', '统计{customer}的消费金额', '客户{customer}总共花了多少', '{customer}付了多少钱')),
    Kind("SELECT COUNT(*) FROM orders WHERE ordered_on = '{day}';",
         ('how many orders on {day}', 'count the orders on {day}', 'number of orders on {day}', 'how many orders were placed on {day}', 'orders on {day}, how many',
          'how many orders came in on {day}'),
         ('{day}有多少订单', '{day}的订单数量', '统计{day}的订单', '{day}下了几个订单', '{day}这天有几个订单', '{day}一共几张订单')),
    Kind("SELECT COUNT(*) FROM orders WHERE ordered_on > '{day}';",
         ('how many orders after {day}', 'count the orders after {day}', 'number of orders after {day}', 'how many orders were placed after {day}', 'orders since after {day}, how many',
          'how many orders came in later than {day}'),
         ('{day}之后有多少订单', '{day}之后的订单数量', '统计{day}之后的订单', '{day}之后下了几个订单', '{day}以后有几个订单', '{day}之后一共几张订单')),
)

SCHEMA = """\
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
"""


def seed_rows() -> str:
    """The shop's rows as SQL; fixed by a seed of their own. No two products share a price, so rankings are unique."""
    rng = random.Random(40)
    prices = rng.sample(range(3, 200), len(PRODUCTS))
    customers = [f"({i}, '{name}', '{rng.choice(CITIES)}')" for i, name in enumerate(CUSTOMERS, 1)]
    products = [f"({i}, '{name}', '{rng.choice(list(CATEGORIES))}', {price}.{rng.choice(('00', '50', '90'))}, {rng.choice((0, 2, 5, 9, 14, 30, 60))})"
                for i, (name, price) in enumerate(zip(PRODUCTS, prices, strict=True), 1)]
    orders = [f"({i}, {rng.randint(1, len(CUSTOMERS))}, {rng.randint(1, len(PRODUCTS))}, {rng.randint(1, 6)}, '{day(rng)}')" for i in range(1, 121)]
    return ''.join(f'insert into {name} values\n  ' + ',\n  '.join(rows) + ';\n'
                   for name, rows in (('customers', customers), ('products', products), ('orders', orders)))


def day(rng: random.Random) -> str:
    return f'2026-{rng.randint(1, 6):02d}-{rng.choice((1, 3, 5, 8, 10, 14, 17, 20, 22, 25, 28)):02d}'


OTHER = {
    'city': ['Vienna', 'Lisbon', 'Prague', 'Dublin', 'Milan', 'Boston', 'Tokyo', '南京', '武汉', '苏州', '天津', '广州', '东京'],
    'customer': ['Karen', 'Leo', 'Maria', 'Oscar', 'Paul', 'Tina', '小李', '小王', '刘洋', '张伟', '妈妈'],
    'product': ['watch', 'camera', 'mirror', 'clock', 'shirt', 'banana', '手表', '钢琴', '帽子', '椅子', '镜子', '香蕉'],
}


CHARACTERS = ''.join(dict.fromkeys(char for names in (*OTHER.values(), CITIES, CUSTOMERS, PRODUCTS) for name in names for char in name if not char.isascii()))


def name_for(slot: str, own: list[str], rng: random.Random) -> str:
    """The shop's own names, other names, and names nobody has: the only way to be right is to copy."""
    roll = rng.random()
    if roll < 0.6:
        return rng.choice(own if roll < 0.4 else OTHER[slot])
    name = invented(rng, CHARACTERS, rng.choice(('en', 'zh')))
    return name if slot == 'product' else name.capitalize()


def fill(kind: Kind, language: str, rng: random.Random, test: bool) -> Example:
    """A question of `kind`. Tests use the shop's own names, so that a right query returns something."""
    number, few, when = rng.choice((5, 10, 20, 30, 50, 75, 80, 100, 120, 150)), rng.randint(2, 9), day(rng)
    category = rng.choice(list(CATEGORIES))
    own = {'city': CITIES, 'customer': CUSTOMERS, 'product': PRODUCTS}
    values = {name: rng.choice(own[name]) if test else name_for(name, own[name], rng) for name in own}
    values |= {'number': number if test else rng.randint(1, 200), 'few': few, 'day': when}
    unseen = test and rng.random() < 0.5
    trained = getattr(kind, language)
    if unseen:
        wording = trained[-1]
    elif not test and rng.random() < MORE:
        wording = expand(rng.choice(wordings('sql-wordings.txt')[kind.sql][language]), {}, rng)
    else:
        wording = rng.choice(trained[:-1])
    asked = wording.format(**values, category=category if language == 'en' else CATEGORIES[category])
    sql = kind.sql.format(**values, category=category)
    return Example('sql', (Turn('user', asked), Turn('assistant', sql)), check={'sql': sql, 'unseen': unseen})


def held_out(example: Example) -> bool:
    return zlib.crc32(example.turns[0].content.strip('?？。').lower().encode()) % 5 == 0


def tests(count: int, seed: int = 2026) -> list[Example]:
    """Held-out questions, all kinds and both languages in turn, half of them in wordings never trained."""
    rng = random.Random(seed)
    found: dict[str, Example] = {}
    for attempt in range(count * 50):
        kind = KINDS[attempt % len(KINDS)]
        language = 'en' if attempt // len(KINDS) % 2 else 'zh'
        example = fill(kind, language, rng, test=True)
        asked = example.turns[0].content
        if (example.check['unseen'] or held_out(example)) and asked not in found:
            found[asked] = example
        if len(found) == count:
            break
    return list(found.values())


def training(rng: random.Random) -> Example:
    """A question that no test asks, as somebody might type it."""
    kind, language = rng.choice(KINDS), rng.choice(('en', 'zh'))
    example = fill(kind, language, rng, test=False)
    while held_out(example):
        example = fill(kind, language, rng, test=False)
    asked = example.turns[0].content
    if rng.random() < 0.6:
        asked = speak(asked, 'zh', rng) if language == 'zh' else asked[0].upper() + asked[1:] + rng.choice(('', '?', '?', ' please', '.'))
    return replace(example, turns=(Turn('user', asked), example.reply), system=SYSTEM if rng.random() < 0.4 else '',
                   thinking=rng.random() < 0.8)
