"""Runs the model's SQL and the right SQL on the embedded database and compares the rows."""

from dataclasses import dataclass
from pathlib import Path

from . import node, shop
from .checks import visible
from .example import Example, render_prompt
from .generate import Writer


@dataclass(frozen=True)
class Outcome:
    language: str
    unseen_wording: bool
    asked: str
    expected: str
    written: str
    matches: bool
    rows: list


def language_of(example: Example) -> str:
    return 'zh' if any('\u4e00' <= char <= '\u9fff' for char in wording_of(example)) else 'en'


def wording_of(example: Example) -> str:
    """The question without the names in it, which may be Chinese in an English question."""
    text = example.turns[0].content
    for name in [*shop.CITIES, *shop.CUSTOMERS, *shop.PRODUCTS]:
        text = text.replace(name, '')
    return text


def evaluate(base: Path, adapter: Path, count: int = 300) -> list[Outcome]:
    examples = shop.tests(count)
    replies = [visible(reply) for reply in Writer(base, adapter).replies([render_prompt(example) for example in examples], limit=96)]
    return compare(examples, replies)


def compare(examples: list[Example], replies: list[str]) -> list[Outcome]:
    expected = [example.check['sql'] for example in examples]
    results = node.sql(expected + replies, shop.SCHEMA, shop.seed_rows())
    right, got = results[: len(expected)], results[len(expected) :]
    outcomes = []
    for example, reply, truth, found in zip(examples, replies, right, got, strict=True):
        if 'error' in truth:
            raise SystemExit(f'The expected SQL fails: {example.check["sql"]}: {truth["error"]}')
        outcomes.append(Outcome(language_of(example), example.check['unseen'], example.turns[0].content,
                                example.check['sql'], reply, truth == found, truth['rows']))
    return outcomes


def table(outcomes: list[Outcome]) -> str:
    """The outcomes as the Markdown table of the adapter's card."""
    groups = {
        'all': outcomes,
        'English': [o for o in outcomes if o.language == 'en'],
        'Chinese': [o for o in outcomes if o.language == 'zh'],
        'wording never trained': [o for o in outcomes if o.unseen_wording],
        'wording trained, values not': [o for o in outcomes if not o.unseen_wording],
    }
    lines = ['| held-out questions | asked | rows equal | share |', '|---|---:|---:|---:|']
    for name, group in groups.items():
        good = sum(outcome.matches for outcome in group)
        lines.append(f'| {name} | {len(group)} | {good} | {good / max(1, len(group)):.1%} |')
    return '\n'.join(lines)
