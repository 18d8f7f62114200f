"""Where a reply's words stand in the prompt: the places that a network must look at to copy them.

Copying words never seen before takes two heads in a row (Olsson et al. 2022, "In-context learning and induction heads"),
which training finds by itself after hundreds of millions of tokens; we have forty. So training also says, for each copied
token, which place one pair of heads should look at (`train.guidance`).
"""

import json
import re
from bisect import bisect_left
from collections.abc import Iterator

from .example import Example

# Start in the whole text, length, start of the same characters earlier in it.
Span = tuple[int, int, int]


def spans(example: Example, text: str, reply_at: int) -> Iterator[Span]:
    """Stretches of the reply, which starts at `reply_at` of `text`, that stand in the prompt."""
    asked = next(turn.content for turn in reversed(example.prompt) if turn.role == 'user')
    asked_at = text.rfind(asked, 0, reply_at)
    found = {'tool': _call, 'tool-answer': _answer, 'arithmetic': _sum, 'echo': _echo, 'sql': _query}.get(example.kind)
    if found:
        yield from found(example, text, reply_at, asked, asked_at)


def places(found: Iterator[Span], ids: list[int], starts: list[int], ends: list[int]) -> list[int]:
    """For each token the place of the token it repeats, or -1. Stretches that are cut into other tokens are left out."""
    sources = [-1] * len(ids)
    for start, length, source in found:
        copy, original = (_tokens(starts, ends, at, at + length) for at in (start, source))
        if [ids[i] for i in copy] == [ids[i] for i in original]:
            for index, place in zip(copy, original, strict=True):
                sources[index] = place
    return sources


def _tokens(starts: list[int], ends: list[int], start: int, end: int) -> range:
    first = bisect_left(starts, start)
    last = first
    while last < len(ends) and ends[last] <= end:
        last += 1
    return range(first, last)


def _number(text: str, number: str, start: int, end: int) -> int:
    """The last place of `number` that is not part of a longer one, or -1."""
    found = [match.start() for match in re.finditer(rf'(?<!\d){re.escape(number)}(?!\d)', text[start:end])]
    return start + found[-1] if found else -1


def _call(example: Example, text: str, reply_at: int, asked: str, asked_at: int) -> Iterator[Span]:
    call = example.check['call']
    name = call['name']
    defined = re.search(rf'"name": ?"{re.escape(name)}"', text[:reply_at])
    if not defined:
        return
    yield text.rfind(f'"{name}"') + 1, len(name), defined.end() - 1 - len(name)
    at = text.rfind('"arguments"')
    for key, value in call['arguments'].items():
        at = text.index(f'"{key}": ', at)
        yield at + 1, len(key), text.index(f'"{key}"', defined.end()) + 1
        at += len(key) + 4
        written = str(value)
        source = _number(text, written, asked_at, asked_at + len(asked)) if written.isdigit() else text.rfind(written, asked_at, asked_at + len(asked))
        if source >= 0:
            yield at + isinstance(value, str), len(written), source


def _answer(example: Example, text: str, reply_at: int, asked: str, asked_at: int) -> Iterator[Span]:
    response = example.prompt[-1].content
    response_at = text.rfind(response, 0, reply_at)
    try:
        values = json.loads(response)
    except ValueError:
        values = response
    for value in values.values() if isinstance(values, dict) else [values]:
        written = str(value)
        copy, source = text.rfind(written, reply_at), text.rfind(written, response_at, response_at + len(response))
        if copy >= 0 and source >= 0 and written != 'True':
            yield copy, len(written), source
    call = example.turns[1].calls[0] if example.turns[1].calls else {'arguments': {}}
    for value in call['arguments'].values():
        copy, source = text.rfind(str(value), reply_at), text.rfind(str(value), 0, reply_at)
        if copy >= 0 and source >= 0 and not str(value).isdigit():
            yield copy, len(str(value)), source


def _sum(example: Example, text: str, reply_at: int, asked: str, asked_at: int) -> Iterator[Span]:
    line = re.search(r'(\d{3})[+-](\d{3})\n', text[reply_at:])
    said = re.search(r'(\d+) [+-] (\d+) = (-?)(\d+)', text[reply_at:])
    if not line or not said:
        return
    for which in (1, 2):
        number = said[which]
        source = _number(text, number, asked_at, asked_at + len(asked))
        if which == 1 and said[1] == said[2]:
            source = text.find(number, asked_at)
        if source >= 0:
            yield reply_at + line.end(which) - len(number), len(number), source
            yield reply_at + said.start(which), len(number), source
    result = text.rfind('\n=') + 2
    result = text.index(said[4], result)
    yield reply_at + said.start(4), len(said[4]), result


def _echo(example: Example, text: str, reply_at: int, asked: str, asked_at: int) -> Iterator[Span]:
    said = example.reply.content
    source = text.rfind(said, asked_at, asked_at + len(asked))
    if source >= 0:
        yield text.rfind(said), len(said), source


def _query(example: Example, text: str, reply_at: int, asked: str, asked_at: int) -> Iterator[Span]:
    for match in re.finditer(r"'([^']+)'|(?<![\w.])(\d+)", text[reply_at:]):
        written = match[1] or match[2]
        source = text.rfind(written, asked_at, asked_at + len(asked)) if match[1] else _number(text, written, asked_at, asked_at + len(asked))
        if source >= 0:
            yield reply_at + match.start(1 if match[1] else 2), len(written), source
