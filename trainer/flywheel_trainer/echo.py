"""`Repeat: ...`, a plain copying task. It is not advertised; it teaches the copying that tool calls need, and gives
every token of the vocabulary a meaning before an adapter is trained on it."""

import random

from .example import Example, Turn

ASK = {'en': ['repeat: {}', 'repeat after me: {}', 'copy this: {}', 'say "{}"', 'echo {}'],
       'zh': ['重复：{}', '跟我说：{}', '请复述：{}', '照抄：{}']}


def example(rng: random.Random, words: list[str]) -> Example:
    language = rng.choice(('en', 'zh'))
    # Numbers that touch would be another number.
    between = '' if rng.random() < 0.5 and not words[0].isascii() else rng.choice((' ', ' ', ', '))
    text = between.join(rng.choice(words) for _ in range(rng.randint(1, 10)))
    return Example('echo', (Turn('user', rng.choice(ASK[language]).format(text)), Turn('assistant', text)))
