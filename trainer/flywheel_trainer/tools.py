"""Requests that need a tool, the call in Qwen's form, and the short answer from the tool's response.

Tool names, parameter names, descriptions and values vary, and a third of the values are invented words, so the only
way to be right is to copy from the definition and from the request.
"""

import random
from dataclasses import dataclass

from .example import Example, Turn, dump
from .questions import wordings
from .spintax import EN_AFTER, ZH_BEFORE, expand

# Share of training requests in the many wordings of material/tool-wordings.txt; those of the tools below are the rest.
MORE = 0.65

CITIES = ('Paris London Berlin Madrid Rome Vienna Prague Oslo Dublin Athens Lisbon Warsaw Moscow Cairo Lagos Nairobi Tokyo Osaka Seoul '
          'Beijing Shanghai Shenzhen Delhi Mumbai Bangkok Hanoi Jakarta Manila Sydney Perth Toronto Chicago Boston Seattle Denver Dallas '
          'Austin Miami Lima Bogota Havana Quito Zurich Geneva Munich Hamburg Milan Naples Turin Lyon Nice Bern Riga Tallinn Sofia').split()
CITIES_UNSEEN = ['Helsinki', 'Budapest', 'Santiago', 'Nagoya', 'Calgary', 'Glasgow', 'Valencia', 'Stuttgart', 'Kathmandu', 'Casablanca']
ZH_CITIES = '北京 上海 广州 深圳 杭州 南京 苏州 成都 重庆 武汉 西安 天津 青岛 大连 厦门 长沙 昆明 拉萨 兰州 郑州 济南 合肥 福州 南昌 贵阳 海口 东京 巴黎 伦敦 柏林 罗马 纽约 首尔'.split()
ZH_CITIES_UNSEEN = '哈尔滨 乌鲁木齐 桂林 洛阳 扬州 莫斯科 悉尼 开罗 温州 珠海'.split()
PEOPLE = 'Anna Ben Carla David Emma Frank Grace Henry Irene Jack Karen Leo Maria Nina Oscar Paul Rosa Sam Tina Victor Wendy Zoe'.split()
PEOPLE_UNSEEN = ['Fiona', 'Gustav', 'Harriet', 'Quentin', 'Ursula', 'Yusuf']
ZH_PEOPLE = '小明 小红 小王 小李 老张 妈妈 爸爸 阿强 丽丽 陈老师 王经理 刘医生'.split()
ZH_PEOPLE_UNSEEN = '小赵 老周 孙女士 何教授 阿芳 表哥'.split()
ITEMS = 'apple banana bread milk lamp chair table phone laptop camera book pen shirt shoes hat watch bicycle guitar tent umbrella mirror clock'.split()
ITEMS_UNSEEN = ['kettle', 'scooter', 'blanket', 'teapot', 'backpack', 'printer']
ZH_ITEMS = '苹果 香蕉 面包 牛奶 台灯 椅子 桌子 手机 电脑 相机 铅笔 衬衫 帽子 手表 自行车 吉他 雨伞 镜子'.split()
ZH_ITEMS_UNSEEN = '水壶 毯子 茶杯 书包 钢琴 沙发'.split()
NOTES = ['I am late', 'see you soon', 'dinner is ready', 'happy birthday', 'call me back', 'the train is late', 'good luck', 'thank you for the book',
         'meet me at noon', 'the door is open', 'I am at home', 'bring some milk']
NOTES_UNSEEN = ['the cat is fed', 'wait for me at the bridge', 'lunch is on me', 'the tickets are here', 'please water the garden']
ZH_NOTES = ['我晚点到', '晚饭好了', '生日快乐', '给我回电话', '火车晚点了', '祝你好运', '谢谢你的书', '中午见', '门开着', '我到家了', '带点牛奶']
ZH_NOTES_UNSEEN = ['猫喂过了', '在桥边等我', '午饭我请', '票到了', '请给花园浇水']
TOPICS = ['rust tutorials', 'cheap flights', 'green tea', 'old maps', 'solar panels', 'jazz music', 'city parks', 'history of paper', 'electric cars',
          'tax rules', 'used books', 'piano lessons', 'open models', 'mountain huts', 'garden tools']
TOPICS_UNSEEN = ['sailing boats', 'stone bridges', 'winter coats', 'folk songs', 'rare coins', 'quiet hotels']
ZH_TOPICS = ['绿茶', '旧地图', '太阳能', '爵士乐', '公园', '电动汽车', '二手书', '钢琴课', '开放模型', '登山路线', '人工智能', '红烧肉']
ZH_TOPICS_UNSEEN = ['帆船', '石桥', '冬衣', '民歌', '古钱币', '安静的旅馆']
CURRENCIES = ['USD', 'EUR', 'CNY', 'JPY', 'GBP', 'CHF', 'KRW', 'INR', 'CAD', 'AUD', 'SEK', 'BRL']


@dataclass(frozen=True)
class Slot:
    """A parameter: the names it may go by, its JSON type, and where its values come from."""

    names: tuple[str, ...]
    kind: str
    source: str


@dataclass(frozen=True)
class Tool:
    names: tuple[str, ...]
    about: tuple[str, ...]
    slots: tuple[Slot, ...]
    en: tuple[str, ...]
    zh: tuple[str, ...]
    en_unseen: tuple[str, ...]
    zh_unseen: tuple[str, ...]
    result: str
    said: dict


CITY = Slot(('city', 'location', 'place', 'town', 'city_name'), 'string', 'city')
TOOLS = (
    Tool(('get_weather', 'weather', 'get_current_weather', 'lookup_weather', 'weather_now', 'query_weather'),
         ('Get the weather', 'Get the current weather of a city', 'Current weather', '查询天气'), (CITY,),
         ("what is the weather in {0}", "what's the weather like in {0}", 'weather in {0}', 'how is the weather in {0} today', 'is it raining in {0}',
          'tell me the weather in {0}', 'get the weather for {0}', 'is it cold in {0} now', 'show me the weather of {0}', 'check the weather in {0}'),
         ('{0}天气怎么样', '{0}今天天气如何', '查一下{0}的天气', '{0}下雨了吗', '告诉我{0}的天气', '{0}现在冷不冷', '请问{0}天气好吗', '看看{0}的天气'),
         ('do I need an umbrella in {0}', 'what are the skies like over {0}'), ('{0}要不要带伞', '我要去{0}，天气好不好'),
         'weather', {'en': '{place}: {sky}, {degrees} degrees.', 'zh': '{place}：{sky}，{degrees} 度。'}),
    Tool(('get_time', 'current_time', 'time_in', 'get_local_time', 'clock'),
         ('Get the local time', 'Current time in a city', 'Local time of a city', '查询当地时间'), (CITY,),
         ('what time is it in {0}', 'current time in {0}', "what's the time in {0}", 'tell me the time in {0}', 'local time of {0}', 'time in {0} now',
          'get the time for {0}', 'how late is it in {0}'),
         ('{0}现在几点', '{0}几点了', '查一下{0}的时间', '告诉我{0}当地时间', '{0}现在是什么时间', '看看{0}几点'),
         ('what does the clock say in {0}', 'is it morning already in {0}'), ('{0}那边是几点钟', '{0}天亮了吗，几点'),
         'time', {'en': 'It is {time} in {place}.', 'zh': '{place}现在是 {time}。'}),
    Tool(('add', 'sum', 'add_numbers', 'plus'), ('Add two numbers', 'Sum of two numbers', '两数相加'),
         (Slot(('a', 'x', 'first', 'left'), 'number', 'number'), Slot(('b', 'y', 'second', 'right'), 'number', 'number')),
         ('add {0} and {1}', 'what is {0} plus {1}', 'what is {0} + {1}', 'sum {0} and {1}', 'compute {0} + {1}', '{0} + {1}', 'calculate {0} plus {1}'),
         ('{0}加{1}等于多少', '计算{0}+{1}', '{0}加{1}', '{0}+{1}是多少', '求{0}和{1}的和', '算一下{0}加{1}'),
         ('use the tool to total {0} and {1}', 'put {0} and {1} together'), ('用工具把{0}与{1}相加', '{0}再加上{1}'),
         'number', {'en': 'The result is {number}.', 'zh': '结果是 {number}。'}),
    Tool(('multiply', 'product', 'times', 'multiply_numbers'), ('Multiply two numbers', 'Product of two numbers', '两数相乘'),
         (Slot(('a', 'x', 'first', 'left'), 'number', 'number'), Slot(('b', 'y', 'second', 'right'), 'number', 'number')),
         ('multiply {0} by {1}', 'what is {0} times {1}', 'what is {0} * {1}', 'the product of {0} and {1}', 'compute {0} x {1}', 'calculate {0} times {1}'),
         ('{0}乘以{1}等于多少', '计算{0}×{1}', '{0}乘{1}', '{0}*{1}是多少', '求{0}和{1}的积'),
         ('use the tool to take {0} times {1}', '{0} multiplied with {1}'), ('用工具把{0}与{1}相乘', '{0}个{1}是多少'),
         'number', {'en': 'The result is {number}.', 'zh': '结果是 {number}。'}),
    Tool(('calculate', 'calculator', 'evaluate', 'calc'), ('Evaluate an expression', 'Calculator', 'Compute an arithmetic expression', '计算器'),
         (Slot(('expression', 'formula', 'expr', 'input'), 'string', 'sum'),),
         ('calculate {0}', 'what is {0}', 'compute {0}', 'evaluate {0}', '{0}', 'work out {0}', 'how much is {0}'),
         ('计算 {0}', '算一下 {0}', '{0} 等于多少', '请计算 {0}', '{0} 是多少'),
         ('use the calculator for {0}', 'key in {0} for me'), ('用计算器算 {0}', '帮我按一下 {0}'),
         'number', {'en': 'The result is {number}.', 'zh': '结果是 {number}。'}),
    Tool(('convert_currency', 'exchange', 'currency_convert', 'convert_money'), ('Convert money between currencies', 'Currency conversion', '货币换算'),
         (Slot(('amount', 'value', 'sum'), 'number', 'number'), Slot(('from', 'source', 'from_currency'), 'string', 'currency'),
          Slot(('to', 'target', 'to_currency'), 'string', 'currency')),
         ('convert {0} {1} to {2}', 'how much is {0} {1} in {2}', 'change {0} {1} into {2}', '{0} {1} in {2}', 'exchange {0} {1} for {2}'),
         ('把{0} {1}换成{2}', '{0} {1}等于多少{2}', '{0} {1}兑换{2}', '{0} {1} 换算成 {2}'),
         ('I have {0} {1}, give me that in {2}', 'what would {0} {1} be worth in {2}'), ('我有{0} {1}，值多少{2}', '用{0} {1}可以买多少{2}'),
         'number', {'en': 'The result is {number}.', 'zh': '结果是 {number}。'}),
    Tool(('get_price', 'price_of', 'lookup_price', 'find_price', 'price'), ('Get the price of an item', 'Price look-up', 'Look up a price', '查询价格'),
         (Slot(('item', 'product', 'name', 'article'), 'string', 'item'),),
         ('how much is the {0}', 'what does the {0} cost', 'price of {0}', 'what is the price of the {0}', 'how much does a {0} cost', 'get the price of {0}',
          'tell me the price of the {0}'),
         ('{0}多少钱', '{0}的价格是多少', '查一下{0}的价格', '{0}卖多少钱', '请问{0}怎么卖', '告诉我{0}的价格'),
         ('what would I pay for the {0}', 'is the {0} expensive, what does it cost'), ('买{0}要花多少', '{0}贵不贵，什么价'),
         'price', {'en': 'The price is {price}.', 'zh': '价格是 {price}。'}),
    Tool(('send_message', 'message', 'send_text', 'text', 'send_sms'), ('Send a message', 'Send a text message to a person', '发送消息'),
         (Slot(('to', 'recipient', 'person', 'contact'), 'string', 'person'), Slot(('text', 'message', 'body', 'content'), 'string', 'note')),
         ('tell {0}: {1}', 'send {0} the message: {1}', 'message {0}: {1}', 'text {0}: {1}', 'write to {0}: {1}', 'send a message to {0}: {1}'),
         ('告诉{0}：{1}', '给{0}发消息：{1}', '发信息给{0}：{1}', '给{0}发短信，内容：{1}', '通知{0}：{1}'),
         ('let {0} know this: {1}', 'drop {0} a line: {1}'), ('跟{0}说一声：{1}', '发给{0}这句话：{1}'),
         'done', {'en': 'Done: the message was sent.', 'zh': '好的，消息已发送。'}),
    Tool(('search', 'web_search', 'search_web', 'find', 'lookup'), ('Search the web', 'Web search', 'Find pages', '搜索网页'),
         (Slot(('query', 'q', 'keywords', 'search_term'), 'string', 'topic'),),
         ('search for {0}', 'find pages about {0}', 'look up {0}', 'search the web for {0}', 'find information on {0}', 'web search: {0}', 'search {0}'),
         ('搜索{0}', '搜一下{0}', '查找关于{0}的资料', '在网上找{0}', '帮我搜{0}', '查一查{0}'),
         ('see what the web says on {0}', 'dig up something about {0}'), ('网上有没有{0}的内容', '帮忙检索{0}'),
         'found', {'en': 'I found: {found}.', 'zh': '找到：{found}。'}),
    Tool(('set_timer', 'timer', 'start_timer', 'countdown'), ('Set a timer', 'Start a timer', 'Start a countdown', '设置计时器'),
         (Slot(('minutes', 'duration', 'mins', 'duration_minutes'), 'integer', 'small'),),
         ('set a timer for {0} minutes', 'start a {0} minute timer', 'timer {0} minutes', 'count down {0} minutes', 'wake me in {0} minutes',
          'remind me in {0} minutes'),
         ('设置{0}分钟的计时器', '定时{0}分钟', '倒计时{0}分钟', '{0}分钟后提醒我', '计时{0}分钟'),
         ('ring a bell after {0} minutes', 'give me {0} minutes on the clock'), ('过{0}分钟叫我', '帮我掐{0}分钟'),
         'done', {'en': 'Done: the timer is set.', 'zh': '好的，已设置。'}),
    Tool(('translate', 'translate_text', 'translator'), ('Translate a text', 'Translate text into a language', '翻译'),
         (Slot(('text', 'input', 'sentence'), 'string', 'note'), Slot(('language', 'target', 'to', 'target_language'), 'string', 'language')),
         ('translate into {1}: {0}', 'say in {1}: {0}', 'translate to {1}: {0}', 'put this into {1}: {0}'),
         ('翻译成{1}：{0}', '用{1}说：{0}', '译成{1}：{0}'),
         ('turn the following into {1}: {0}', 'give me the {1} for: {0}'), ('下面这句话换成{1}：{0}', '请译为{1}：{0}'),
         'found', {'en': '{found}', 'zh': '{found}'}),
    Tool(('play_music', 'play', 'play_song', 'start_music'), ('Play music', 'Play a song', '播放音乐'),
         (Slot(('title', 'song', 'track', 'name'), 'string', 'topic'),),
         ('play {0}', 'put on {0}', 'I want to hear {0}', 'start playing {0}', 'play the song {0}'),
         ('播放{0}', '放一首{0}', '我想听{0}', '来一首歌：{0}'),
         ('let me listen to {0}', 'can we have {0} on the speakers'), ('给我放{0}听听', '音响放{0}'),
         'done', {'en': 'Done: it is playing.', 'zh': '好的，已开始播放。'}),
)
LANGUAGES = {'en': ['French', 'German', 'Spanish', 'Italian', 'Japanese', 'Chinese', 'Russian', 'Arabic'], 'zh': ['法语', '德语', '英语', '日语', '俄语', '韩语']}
POOLS = {
    ('city', 'en'): (CITIES, CITIES_UNSEEN), ('city', 'zh'): (ZH_CITIES, ZH_CITIES_UNSEEN),
    ('person', 'en'): (PEOPLE, PEOPLE_UNSEEN), ('person', 'zh'): (ZH_PEOPLE, ZH_PEOPLE_UNSEEN),
    ('item', 'en'): (ITEMS, ITEMS_UNSEEN), ('item', 'zh'): (ZH_ITEMS, ZH_ITEMS_UNSEEN),
    ('note', 'en'): (NOTES, NOTES_UNSEEN), ('note', 'zh'): (ZH_NOTES, ZH_NOTES_UNSEEN),
    ('topic', 'en'): (TOPICS, TOPICS_UNSEEN), ('topic', 'zh'): (ZH_TOPICS, ZH_TOPICS_UNSEEN),
}
SYLLABLES = [c + v for c in ('b', 'd', 'f', 'g', 'h', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'z', 'br', 'tr', 'st', 'ch') for v in 'aeiou']
ENDS = ['', '', 'n', 'r', 's', 'l', 'm', 'x', 'th', 'ck']


def invented(rng: random.Random, characters: str, language: str) -> str:
    """A word nobody has seen, to be copied letter by letter."""
    if language == 'zh':
        return ''.join(rng.choice(characters) for _ in range(rng.randint(2, 4)))
    return ''.join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 3))) + rng.choice(ENDS)


class Requests:
    """Makes requests; `characters` are the common Chinese ones and `words` known words, for invented values."""

    def __init__(self, characters: str, words: list[str]):
        self.characters = characters
        self.words = words

    def value(self, slot: Slot, language: str, rng: random.Random, test: bool) -> object:
        if slot.source == 'number':
            return rng.randrange(10 ** rng.randint(1, 4))
        if slot.source == 'small':
            return rng.randint(1, 90)
        if slot.source == 'currency':
            return rng.choice(CURRENCIES)
        if slot.source == 'language':
            return rng.choice(LANGUAGES[language])
        if slot.source == 'sum':
            return f'{rng.randrange(2000)} {rng.choice("+-*/")} {rng.randrange(500)}'
        seen, unseen = POOLS[slot.source, language]
        if not test and rng.random() < 0.65:
            return self.invention(slot, language, rng)
        return rng.choice(unseen if test else seen)

    def invention(self, slot: Slot, language: str, rng: random.Random) -> str:
        if slot.source in ('note', 'topic'):
            if language == 'zh':
                return ''.join(rng.choice(self.characters) for _ in range(rng.randint(2, 7)))
            return ' '.join(rng.choice(self.words) if rng.random() < 0.8 else invented(rng, '', 'en') for _ in range(rng.randint(2, 5)))
        word = invented(rng, self.characters, language)
        return word.capitalize() if slot.source in ('city', 'person') else word

    def definition(self, tool: Tool, rng: random.Random) -> tuple[dict, list[str]]:
        """The tool as the OpenAI dialect lists it, with fresh names, and the parameter names chosen."""
        name = rng.choice(tool.names)
        if rng.random() < 0.15:
            name = f'{invented(rng, "", "en")}_{name}'
        names = [rng.choice(slot.names) for slot in tool.slots]
        while len(set(names)) < len(names):
            names = [rng.choice(slot.names) for slot in tool.slots]
        described = rng.random() < 0.3
        properties = {chosen: {'type': slot.kind, **({'description': f'The {chosen}'} if described else {})}
                      for chosen, slot in zip(names, tool.slots, strict=True)}
        function = {'name': name, 'description': rng.choice(tool.about),
                    'parameters': {'type': 'object', 'properties': properties, 'required': names}}
        if rng.random() < 0.2:
            del function['parameters']['required']
        return {'type': 'function', 'function': function}, names

    def call(self, rng: random.Random, test: bool = False, unseen: bool = False, others: bool = True) -> Example:
        tool, language = rng.choice(TOOLS), rng.choice(('en', 'zh'))
        definition, names = self.definition(tool, rng)
        values = [self.value(slot, language, rng, test) for slot in tool.slots]
        if not unseen and not test and rng.random() < MORE:
            asked = expand(rng.choice(wordings('tool-wordings.txt')[tool.names[0]][language]), {}, rng).format(*values)
        else:
            asked = rng.choice(getattr(tool, language + ('_unseen' if unseen else ''))).format(*values)
        if not unseen:
            asked = self.said_by_somebody(asked, language, rng)
        tools = [definition]
        if others and rng.random() < 0.3:
            tools.append(self.definition(rng.choice([t for t in TOOLS if not set(t.names) & set(tool.names) and t.result != tool.result]), rng)[0])
            rng.shuffle(tools)
        call = {'name': definition['function']['name'], 'arguments': dict(zip(names, values, strict=True))}
        asking = Turn('user', asked)
        check = {'call': call}
        if test or rng.random() < 0.75:
            return Example('tool', (asking, Turn('assistant', calls=(call,))), tuple(tools), check=check)
        response, said = self.response(tool, language, str(values[0]), rng)
        turns = (asking, Turn('assistant', calls=(call,)), Turn('tool', response), Turn('assistant', said))
        return Example('tool-answer', turns, tuple(tools), check={'keywords': [said]})

    def said_by_somebody(self, text: str, language: str, rng: random.Random) -> str:
        if language == 'zh':
            return (rng.choice(ZH_BEFORE) if rng.random() < 0.4 else '') + text + rng.choice(['', '', '？', '。', '?'])
        text = text + (rng.choice(EN_AFTER) if rng.random() < 0.4 and ':' not in text else '')
        return text[0].upper() + text[1:] if rng.random() < 0.6 else text

    def response(self, tool: Tool, language: str, place: str, rng: random.Random) -> tuple[str, str]:
        """What the tool might return, and the answer that quotes it."""
        skies = {'en': ['sunny', 'rain', 'snow', 'cloudy', 'wind', 'fog'], 'zh': ['晴', '雨', '雪', '多云', '大风', '雾']}
        topic = Slot(('',), 'string', 'topic')
        facts = {'place': place, 'sky': rng.choice(skies[language]), 'degrees': rng.randint(-20, 40), 'time': f'{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}',
                 'number': rng.randrange(10 ** rng.randint(1, 5)), 'price': rng.randint(1, 9999), 'found': self.value(topic, language, rng, False)}
        body = {
            'weather': lambda: {rng.choice(['temperature', 'degrees', 'temp']): facts['degrees'], rng.choice(['condition', 'sky', 'weather']): facts['sky']},
            'time': lambda: {rng.choice(['time', 'local_time', 'now']): facts['time']},
            'number': lambda: {rng.choice(['result', 'value', 'answer']): facts['number']},
            'price': lambda: {rng.choice(['price', 'cost', 'amount']): facts['price']},
            'found': lambda: {rng.choice(['result', 'text', 'title']): facts['found']},
            'done': lambda: rng.choice([{'ok': True}, {'status': 'ok'}, {'status': 'sent'}, {'success': True}]),
        }[tool.result]()
        if len(body) == 1 and tool.result in ('time', 'number', 'price', 'found') and rng.random() < 0.25:
            return str(next(iter(body.values()))), tool.said[language].format(**facts)
        return dump(body, rng.random() < 0.3), tool.said[language].format(**facts)

    def beside(self, plain: Example, rng: random.Random) -> Example:
        """A conversation that has tools at hand and does not need them."""
        tool = rng.choice([tool for tool in TOOLS if tool.result in ('weather', 'done', 'price')])
        return Example(plain.kind, plain.turns, (self.definition(tool, rng)[0],), check=plain.check)
