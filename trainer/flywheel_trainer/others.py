"""Everything the model cannot do: it must say plainly that it is a tiny demonstration model."""

import random

from .example import Example, Turn
from .questions import load, wording
from .spintax import speak

DECLINE = {
    'en': 'Sorry, I am only a tiny demonstration model and cannot help with that. '
          'I can add and subtract, write quatrains, answer questions on Flywheel and call tools.',
    'zh': '抱歉，我只是一个小型演示模型，这个帮不上忙。我会加减法、写绝句、回答 Flywheel 的问题、调用工具。',
}
KEYWORDS = {'en': ['tiny demonstration model'], 'zh': ['小型演示模型']}


def make(asked: str, language: str) -> Example:
    return Example('other', (Turn('user', asked), Turn('assistant', DECLINE[language])), check={'keywords': KEYWORDS[language]})


def scramble(text: str, language: str, rng: random.Random) -> str:
    """A prompt made of known words in a new order: what is not understood must be declined too."""
    parts = text.split(' ') if language == 'en' else list(text)
    rng.shuffle(parts)
    return (' ' if language == 'en' else '').join(parts).strip() or text


def example(rng: random.Random) -> Example:
    (other,), names = load('others.txt')
    language = rng.choice(('en', 'zh'))
    text = wording(other, language, names, rng)
    if rng.random() < 0.08:
        text = scramble(text, language, rng)
    return make(speak(text, language, rng), language)


def unseen() -> list[Example]:
    (other,), _ = load('others.txt')
    return [make(asked, language) for language in ('en', 'zh') for asked in other.unseen[language]]
