"""Addition and subtraction of numbers up to 999, with column working.

Pairs are split by a hash: a pair that a test may ask is never trained, whatever its wording.
"""

import random
import zlib

from .example import Example, Turn

# Share of training sums asked in the many wordings of material/sum-wordings.txt; the plain ones below are the rest.
MORE = 0.6
COLUMNS = ('ones', 'tens', 'hundreds')

ADD = [
    '{a}+{b}', '{a} + {b}', '{a}+{b}=', '{a} + {b} = ?', 'what is {a} + {b}', 'what is {a} plus {b}', 'calculate {a} + {b}',
    'add {a} and {b}', 'compute {a} plus {b}', 'how much is {a} + {b}', 'the sum of {a} and {b}', 'sum {a} and {b}',
    "what's {a}+{b}", 'what do you get when you add {a} and {b}', 'work out {a} + {b}', 'find {a} plus {b}',
    'I have {a} apples and buy {b} more, how many do I have', 'there are {a} boys and {b} girls, how many children',
    'solve {a} + {b}', 'give me {a} plus {b}', '{a} plus {b} equals', 'what is the total of {a} and {b}',
    '{a}加{b}', '{a}加{b}等于多少', '{a}加上{b}是多少', '计算{a}+{b}', '请计算 {a} + {b}', '{a} + {b} 等于几', '{a}与{b}的和是多少',
    '求{a}和{b}的和', '{a}+{b}是多少', '算一下{a}加{b}', '把{a}和{b}加起来', '我有{a}个苹果，又买了{b}个，一共多少个', '帮我算{a}+{b}',
    '{a}加{b}得多少', '{a}和{b}加在一起是多少', '口算{a}+{b}',
]
ADD_UNSEEN = ['could you total {a} and {b} for me', 'tell me {a} added to {b}', '{a} and {b} together make how many',
              '劳驾求和：{a}、{b}', '{a}再加{b}一共多少', '请把{a}加上{b}算出来']
SUBTRACT = [
    '{a}-{b}', '{a} - {b}', '{a}-{b}=', '{a} - {b} = ?', 'what is {a} - {b}', 'what is {a} minus {b}', 'calculate {a} - {b}',
    'subtract {b} from {a}', 'compute {a} minus {b}', 'how much is {a} - {b}', 'take {b} away from {a}', 'work out {a} - {b}',
    "what's {a}-{b}", 'what is left when {b} is taken from {a}', 'find {a} minus {b}', 'what is {b} less than {a}',
    'I have {a} apples and eat {b}, how many are left', 'solve {a} - {b}', 'give me {a} minus {b}', '{a} minus {b} equals',
    '{a}减{b}', '{a}减{b}等于多少', '{a}减去{b}是多少', '计算{a}-{b}', '请计算 {a} - {b}', '{a} - {b} 等于几', '{a}与{b}的差是多少',
    '从{a}里减去{b}', '{a}-{b}是多少', '算一下{a}减{b}', '我有{a}个苹果，吃了{b}个，还剩多少个', '帮我算{a}-{b}', '{a}减{b}得多少',
    '从{a}中去掉{b}还剩多少', '口算{a}-{b}',
]
SUBTRACT_UNSEEN = ['could you take {b} off {a} for me', 'tell me {a} less {b}', 'starting at {a}, remove {b}; what remains',
                   '劳驾求差：{a}减{b}', '{a}再减{b}剩多少', '请把{a}减去{b}算出来']


def held_out(a: int, b: int, sign: str) -> bool:
    return zlib.crc32(f'{a}{sign}{b}'.encode()) % 20 == 0


def working(a: int, b: int, sign: str) -> tuple[str, int]:
    """The column working, as the model writes it in its thought, and the result."""
    negative = sign == '-' and a < b
    top, bottom = (b, a) if negative else (a, b)
    lines = [f'{a:03d}{sign}{b:03d}']
    if sign == '-':
        lines.append('first is smaller: swap, negative' if negative else 'first is not smaller: keep')
    carry, digits = 0, []
    for place, name in enumerate(COLUMNS):
        x, y = top // 10**place % 10, bottom // 10**place % 10
        value = x + y + carry if sign == '+' else x - y - carry
        digits.append(value % 10)
        before, carry = carry, (1 if value > 9 or value < 0 else 0)
        lines.append(f'{name}: {x}{sign}{y}{sign}{before}={value}, write {value % 10}, '
                     f'{"carry" if sign == "+" else "borrow"} {carry}')
    if sign == '+':
        digits.append(carry)
    lines.append('=' + ('-' if negative else '') + ''.join(map(str, reversed(digits))))
    return '\n'.join(lines), (a + b if sign == '+' else a - b)


def pair(rng: random.Random, test: bool) -> tuple[int, int, str]:
    """A random pair on the asked side of the split, with short numbers as likely as long ones."""
    while True:
        limits = [rng.choice((10, 100, 1000, 1000)) for _ in range(2)]
        a, b, sign = rng.randrange(limits[0]), rng.randrange(limits[1]), rng.choice('+-')
        if held_out(a, b, sign) == test:
            return a, b, sign


def example(rng: random.Random, test: bool = False, unseen: bool = False, thinking: bool = True) -> Example:
    from .questions import wordings
    from .spintax import expand, speak

    a, b, sign = pair(rng, test)
    seen = {'+': ADD, '-': SUBTRACT}[sign]
    new = {'+': ADD_UNSEEN, '-': SUBTRACT_UNSEEN}[sign]
    if not unseen and not test and rng.random() < MORE:
        pattern = expand(rng.choice(wordings('sum-wordings.txt')['add' if sign == '+' else 'subtract'][rng.choice(('en', 'zh'))]), {}, rng)
    else:
        pattern = rng.choice(new if unseen else seen)
    wording = pattern.format(a=a, b=b)
    question = wording if unseen else speak_sum(wording, rng, speak)
    thought, result = working(a, b, sign)
    answer = f'{a} {sign} {b} = {result}'
    reply = Turn('assistant', answer, thought) if thinking else Turn('assistant', f'{thought}\n\n{answer}')
    return Example('arithmetic', (Turn('user', question), reply), thinking=thinking,
                   check={'result': result})


def speak_sum(wording: str, rng: random.Random, speak) -> str:
    """Greetings go before a sum too, but no word of it may be lost."""
    chinese = any('\u4e00' <= char <= '\u9fff' for char in wording)
    if chinese or rng.random() < 0.5 or wording[0].isdigit():
        return speak(wording, 'zh', rng) if chinese else wording
    spoken = wording + rng.choice(['', '?', '?', ' please', '.', ', thanks'])
    return spoken[0].upper() + spoken[1:] if rng.random() < 0.6 else spoken
