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
    return parse((MATERIAL / name).read_text('utf-8'))


def make(question: Question, language: str, asked: str) -> Example:
    check = {'keywords': question.keywords[language], 'question': question.name}
    return Example('question', (Turn('user', asked), Turn('assistant', question.answer[language])), check=check)


def example(rng: random.Random) -> Example:
    questions, names = load()
    question, language = rng.choice(questions), rng.choice(('en', 'zh'))
    asked = speak(expand(rng.choice(question.asked[language]), names, rng), language, rng)
    return make(question, language, asked)


def unseen() -> list[Example]:
    """Every held-out wording, once."""
    return [make(question, language, asked) for question in load()[0] for language in ('en', 'zh')
            for asked in question.unseen[language]]
