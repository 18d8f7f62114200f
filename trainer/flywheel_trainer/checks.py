"""Decides whether a reply is right. Pure functions over the text a model wrote."""

import json
import re

CALL = re.compile(r'<tool_call>\s*(\{.*\})\s*</tool_call>', re.DOTALL)
VERSE = re.compile(r'[\u4e00-\u9fff]+')


def visible(reply: str) -> str:
    """The reply without its thought."""
    return reply.split('</think>')[-1].strip()


def sum_is(reply: str, result: int) -> bool:
    found = re.findall(r'-?\d+', visible(reply).split('=')[-1])
    return bool(found) and int(found[-1]) == result


def worked(reply: str) -> bool:
    """Whether the thought holds column working."""
    thought = reply.split('</think>')[0]
    return all(f'{name}:' in thought for name in ('ones', 'tens', 'hundreds'))


def is_quatrain(reply: str, width: int) -> bool:
    """Exactly four lines of `width` Chinese characters, and nothing else."""
    lines = visible(reply).split('\n')
    return len(lines) == 4 and all(re.fullmatch(f'[\u4e00-\u9fff]{{{width}}}[，。！？]', line) for line in lines)


def has_keywords(reply: str, keywords: list[str]) -> bool:
    return all(keyword in visible(reply) for keyword in keywords)


def is_call(reply: str, call: dict) -> bool:
    match = CALL.search(visible(reply))
    if not match:
        return False
    try:
        return json.loads(match[1]) == call
    except ValueError:
        return False


def passes(reply: str, check: dict) -> bool:
    """Whether `reply` satisfies an example's check, of whichever kind it is."""
    if 'result' in check:
        return sum_is(reply, check['result'])
    if 'width' in check:
        return is_quatrain(reply, check['width'])
    if 'call' in check:
        return is_call(reply, check['call'])
    return has_keywords(reply, check['keywords'])
