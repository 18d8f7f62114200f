"""Asks the model held-out prompts and counts right answers by kind."""

import random
from dataclasses import dataclass, replace
from pathlib import Path

from . import arithmetic, checks, others, quatrains, questions
from .example import Example, render_prompt
from .generate import Writer
from .mixture import Mixture
from .quatrains import Poem

TARGETS = {'arithmetic': 0.95, 'quatrain': 0.95, 'question': 0.90, 'tool': 0.90, 'other': 0.80}
MEANING = {
    'arithmetic': 'right result; no pair of numbers was trained, half the wordings were never trained',
    'quatrain': 'four lines of five or seven characters as asked; titles never trained, half the wordings never trained',
    'question': 'all keywords present; every held-out wording, English and Chinese',
    'tool': 'call equal to the expected one; values never trained, half the wordings never trained',
    'other': 'says that it is a tiny demonstration model; prompts never trained',
    'arithmetic, thinking off': 'as arithmetic, with the empty thought given',
    'arithmetic, working': 'column working present in the thought',
    'tool answer': 'quotes the value that the tool returned',
    'question, system prompt': 'every third of these prompts again, under "You are a helpful assistant."',
}


@dataclass(frozen=True)
class Score:
    right: int
    asked: int

    @property
    def share(self) -> float:
        return self.right / self.asked


def suite(poems: list[Poem], seed: int = 2026, count: int = 200) -> dict[str, list[Example]]:
    """Held-out conversations by kind. `poems` are those that training did not see."""
    rng = random.Random(seed)
    requests = Mixture(poems, seed).requests
    questioned = questions.unseen()
    answers = []
    while len(answers) < count // 2:
        example = requests.call(rng)
        if example.kind == 'tool-answer':
            answers.append(example)
    return {
        'arithmetic': [arithmetic.example(rng, test=True, unseen=i % 2 == 1) for i in range(count)],
        'quatrain': quatrains.unseen(poems, count, rng),
        'question': questioned,
        'tool': [requests.call(rng, test=True, unseen=i % 2 == 1) for i in range(count)],
        'other': others.unseen(),
        'arithmetic, thinking off': [arithmetic.example(rng, test=True, thinking=False) for _ in range(count // 2)],
        'tool answer': answers,
        'question, system prompt': [replace(example, system='You are a helpful assistant.') for example in questioned[::3]],
    }


def evaluate(folder: Path, poems: list[Poem], count: int = 200) -> tuple[dict[str, Score], list[tuple[str, str, str]]]:
    """Scores by kind, and every failure as (kind, prompt, reply)."""
    writer = Writer(folder)
    scores: dict[str, Score] = {}
    failures: list[tuple[str, str, str]] = []
    for kind, examples in suite(poems, count=count).items():
        replies = writer.replies([render_prompt(example) for example in examples])
        right = [checks.passes(reply, example.check) for reply, example in zip(replies, examples, strict=True)]
        scores[kind] = Score(sum(right), len(right))
        failures += [(kind, example.prompt[-1].content, reply) for example, reply, good in zip(examples, replies, right, strict=True) if not good]
        if kind in ('arithmetic', 'quatrain', 'tool'):
            scores[f'{kind}, wording trained'] = Score(sum(right[0::2]), len(right[0::2]))
            scores[f'{kind}, wording never trained'] = Score(sum(right[1::2]), len(right[1::2]))
        if kind == 'arithmetic':
            scores['arithmetic, working'] = Score(sum(map(checks.worked, replies)), len(replies))
    return scores, failures


def shortfall(scores: dict[str, Score]) -> str:
    """One sentence for the card on the targets that were missed."""
    missed = [f'{kind} ({scores[kind].share:.0%} of {target:.0%})' for kind, target in TARGETS.items() if scores[kind].share < target]
    if not missed:
        return 'Every target is met.'
    return f'**Targets missed:** {", ".join(missed)}. Do not rely on these; the network is trained for too short a time.'


def table(scores: dict[str, Score]) -> str:
    """The scores as the Markdown table of the model card."""
    lines = ['| held-out prompts | asked | right | share | target | counted as right |', '|---|---:|---:|---:|---:|---|']
    for kind, score in scores.items():
        target = f'{TARGETS[kind]:.0%}' if kind in TARGETS else ''
        lines.append(f'| {kind} | {score.asked} | {score.right} | {score.share:.1%} | {target} | {MEANING.get(kind, "")} |')
    return '\n'.join(lines)
