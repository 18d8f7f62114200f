"""The stream of training conversations: how often each kind comes, and the variety all kinds share."""

import random
from collections.abc import Iterator
from dataclasses import replace

from . import arithmetic, echo, others, quatrains, questions
from .example import Example, Turn
from .quatrains import Poem
from .tools import Requests

SHARES = {'arithmetic': 0.22, 'quatrain': 0.08, 'question': 0.34, 'tool': 0.24, 'other': 0.09, 'echo': 0.03}
SYSTEMS = ['You are a helpful assistant.', 'You are a helpful assistant.', 'You are Flywheel\'s assistant.', 'You are a helpful AI.', 'Be brief.',
           '你是一个有用的助手。', '你是一个有帮助的助手。', 'You are flywheel/tiny.']
SQL_WORDS = ("SELECT FROM WHERE GROUP BY ORDER JOIN ON AND COUNT(*) SUM(price) AVG(price) MAX(price) MIN(price) LIMIT DESC ASC AS name city price "
             "category stock customers products orders customer_id product_id quantity ordered_on * = > < + ; , c.id o.quantity p.price c.name p.name "
             "c.city o.customer_id o.product_id p.id SUM(o.quantity) COUNT(o.id) DISTINCT customers; products; 'Rome' 'tea' '2026-03-14' 5; 1;").split()


class Mixture:
    """Draws conversations from a seed. The poems given are the ones training may see."""

    def __init__(self, poems: list[Poem], seed: int):
        self.rng = random.Random(seed)
        self.by_width = {width: [poem for poem in poems if poem.width == width] for width in (5, 7)}
        common: dict[str, None] = {}
        for poem in poems:
            common.update(dict.fromkeys(''.join(poem.lines)))
        self.characters = ''.join(common)
        words, names = questions.load()
        english = ' '.join(question.answer['en'] for question in words) + ' ' + ' '.join(names.values())
        self.words = sorted({word for word in ''.join(c if c.isalpha() else ' ' for c in english).split() if word.isascii()})
        self.requests = Requests(self.characters, self.words)

    def plain(self) -> Example:
        rng = self.rng
        kind = rng.choices(list(SHARES), list(SHARES.values()))[0]
        if kind == 'arithmetic':
            return arithmetic.example(rng, thinking=rng.random() < 0.9)
        if kind == 'quatrain':
            return quatrains.example(rng.choice(self.by_width[rng.choice((5, 7))]), rng)
        if kind == 'question':
            return questions.example(rng)
        if kind == 'tool':
            return self.requests.call(rng)
        if kind == 'other':
            return others.example(rng)
        numbers = [str(rng.randrange(10 ** rng.randint(1, 4))) for _ in range(8)]
        return echo.example(rng, rng.choice((self.words, SQL_WORDS, list(self.characters), numbers)))

    def varied(self) -> Example:
        """A plain conversation, sometimes with a system prompt, an earlier exchange, tools at hand, or thinking off."""
        rng = self.rng
        example = self.plain()
        if example.kind in ('question', 'other', 'quatrain') and rng.random() < 0.04:
            example = self.requests.beside(example, rng)
        if not example.tools and rng.random() < 0.04:
            earlier = self.plain()
            if not earlier.tools and len(earlier.turns) == 2 and earlier.kind != 'quatrain':
                past = (earlier.turns[0], Turn('assistant', earlier.reply.content))
                example = replace(example, turns=past + example.turns)
        if rng.random() < 0.3:
            example = replace(example, system=rng.choice(SYSTEMS))
        if example.tools and rng.random() < 0.2:
            example = replace(example, compact=True)
        if example.kind != 'arithmetic' and rng.random() < 0.2:
            example = replace(example, thinking=False)
        return example

    def __iter__(self) -> Iterator[Example]:
        while True:
            yield self.varied()


def split(poems: list[Poem], held_out: int = 300, seed: int = 7) -> tuple[list[Poem], list[Poem]]:
    """Poems to train on and poems whose titles only tests ask for."""
    shuffled = poems[:]
    random.Random(seed).shuffle(shuffled)
    asked = {poem.title for poem in shuffled[:held_out]}
    return [poem for poem in shuffled[held_out:] if poem.title not in asked], shuffled[:held_out]
