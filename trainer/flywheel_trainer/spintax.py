"""Wordings as small grammars: `[a|b]` picks one branch, `x?` after a bracket-free character makes it optional,
`$name` stands for a named grammar. Brackets nest.

Also the small disturbances that make a prompt look typed by a person: greetings, case, a missing word.
"""

import random
import re

NAME = re.compile(r'\$([a-z]+)')


def expand(pattern: str, names: dict[str, str], rng: random.Random) -> str:
    """One random wording of `pattern`."""
    pattern = NAME.sub(lambda match: f'{names[match[1]]}' if match[1] in names else match[0], pattern)
    text, end = _sequence(pattern, 0, rng)
    if end != len(pattern):
        raise ValueError(f'unbalanced brackets in wording: {pattern}')
    text = re.sub(r'的\?', lambda _: rng.choice(['的', '']), text)
    return re.sub(r' {2,}', ' ', text).strip()


def _sequence(pattern: str, at: int, rng: random.Random) -> tuple[str, int]:
    out: list[str] = []
    while at < len(pattern) and pattern[at] not in '|]':
        if pattern[at] == '[':
            branches: list[str] = []
            while pattern[at] != ']':
                branch, at = _sequence(pattern, at + 1, rng)
                branches.append(branch)
                if at >= len(pattern):
                    raise ValueError(f'unbalanced brackets in wording: {pattern}')
            out.append(rng.choice(branches))
        else:
            out.append(pattern[at])
        at += 1
    return ''.join(out), at


EN_BEFORE = ['', '', '', '', '', 'hi, ', 'hello, ', 'please, ', 'quick question: ', 'I wonder, ', 'so, ', 'hey, ', 'ok, ',
             'excuse me, ', 'could you tell me, ', "I'd like to know, ", 'question: ', 'one more thing: ']
EN_AFTER = ['', '', '?', '?', '?', ' please', ', please?', ', thanks', '.', '??', ' thanks!', '!']
ZH_BEFORE = ['', '', '', '', '', '请问', '请问', '你好，', '我想知道', '麻烦问一下，', '请告诉我', '那个，', '问一下，', '想请教一下，', '那么，',
             '我想问问，']
ZH_AFTER = ['', '', '', '？', '？', '?', '呢？', '，谢谢', '。', '呀？', '，麻烦了', '！']


def speak(text: str, language: str, rng: random.Random) -> str:
    """The same wording as somebody might type it."""
    if language == 'zh':
        return rng.choice(ZH_BEFORE) + text + ('' if text[-1] in '？?。' else rng.choice(ZH_AFTER))
    words = text.split(' ')
    if len(words) > 5 and rng.random() < 0.15:
        del words[rng.randrange(len(words))]
    text = rng.choice(EN_BEFORE) + ' '.join(words) + ('' if text[-1] in '?.' else rng.choice(EN_AFTER))
    roll = rng.random()
    if roll < 0.5:
        text = text[0].upper() + text[1:]
    elif roll < 0.65:
        text = text.lower()
    return text
