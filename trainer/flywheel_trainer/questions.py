"""Questions on Flywheel, read from `material/questions.txt`."""

import random
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from .example import Example, Turn
from .spintax import expand, speak

MATERIAL = Path(__file__).parent / 'material'


@dataclass
class Question:
    """One fact, its wordings and its answer, by language (`en`, `zh`)."""

    name: str
    asked: dict[str, list[str]] = field(default_factory=lambda: {'en': [], 'zh': []})
    unseen: dict[str, list[str]] = field(default_factory=lambda: {'en': [], 'zh': []})
    answer: dict[str, str] = field(default_factory=dict)
    keywords: dict[str, list[str]] = field(default_factory=dict)


def parse(text: str) -> tuple[list[Question], dict[str, str]]:
    """Questions and named grammars of a material file; the error names the line."""
    questions: list[Question] = []
    names: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        head, _, rest = line.partition(' ')
        rest = rest.strip()
        if not line.strip() or head == '#':
            continue
        if head == 'let':
            name, _, grammar = rest.partition(' = ')
            names[name] = grammar
        elif head == '@':
            questions.append(Question(rest))
        elif questions and head[:2] in ('en', 'zh') and head[2:] in ('', '?', '=', '!'):
            question, language, mark = questions[-1], head[:2], head[2:]
            if mark == '=':
                question.answer[language] = rest
            elif mark == '!':
                question.keywords[language] = rest.split(', ')
            else:
                (question.unseen if mark else question.asked)[language].append(rest)
        else:
            raise ValueError(f'line {number} is neither a wording nor an answer: {line}')
    return questions, names


@cache
def load(name: str = 'questions.txt') -> tuple[list[Question], dict[str, str]]:
    """The blocks of `name` with the wordings of its `-more` files added to the block of the same name."""
    path = MATERIAL / name
    questions, names = parse(path.read_text('utf-8'))
    by_name = {question.name: question for question in questions}
    for more in sorted(MATERIAL.glob(f'{path.stem}-more*.txt')):
        for added in parse(more.read_text('utf-8'))[0]:
            if added.name not in by_name:
                raise ValueError(f'{more.name}: there is no block "{added.name}" in {name}')
            for language, wordings in added.asked.items():
                by_name[added.name].asked[language] += wordings
    return questions, names


@cache
def wordings(name: str) -> dict[str, dict[str, list[str]]]:
    """A material file that holds only wordings: block name to language to wordings."""
    return {block.name: block.asked for block in parse((MATERIAL / name).read_text('utf-8'))[0]}


def make(question: Question, language: str, asked: str) -> Example:
    check = {'keywords': question.keywords[language], 'question': question.name}
    return Example('question', (Turn('user', asked), Turn('assistant', question.answer[language])), check=check)


def wording(question: Question, language: str, names: dict[str, str], rng: random.Random) -> str:
    """One training wording; by chance it may equal a held-out one, and is then drawn again."""
    kept = {bare(asked) for asked in question.unseen[language]}
    while True:
        text = expand(rng.choice(question.asked[language]), names, rng)
        if bare(text) not in kept:
            return text


def bare(asked: str) -> str:
    return asked.strip(' ?？.。!！').lower()


def example(rng: random.Random) -> Example:
    questions, names = load()
    question, language = rng.choice(questions), rng.choice(('en', 'zh'))
    return make(question, language, speak(wording(question, language, names, rng), language, rng))


def unseen() -> list[Example]:
    """Every held-out wording, once."""
    return [make(question, language, asked) for question in load()[0] for language in ('en', 'zh')
            for asked in question.unseen[language]]
