"""Classical quatrains: the poems of a file in traditional characters, asked for by title or by theme.

Poems are turned into simplified characters, so that prompts, poems and answers share one set of characters; poems
with rare characters are left out, because a network this small cannot learn them.
"""

import json
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from .example import Example, Turn

COMMON_CHARACTERS = 2500
TITLE_LENGTH = 8
LENGTH_NAMES = {5: ['五言', '五言', '五字', '每句五个字的'], 7: ['七言', '七言', '七字', '每句七个字的']}
LENGTH_WORDS = {5: ['five-character', 'five-character', '5-character', 'wujue, that is a five-character'],
                7: ['seven-character', 'seven-character', '7-character', 'qijue, that is a seven-character']}

BY_TITLE = [
    '写一首{n}绝句，题目：{t}', '写一首{n}绝句，题目是《{t}》', '以《{t}》为题写一首{n}绝句', '请以“{t}”为题，写一首{n}绝句', '作一首{n}绝句，题为《{t}》',
    '题目：{t}。请写{n}绝句', '请作{n}绝句一首，题《{t}》', '给我写一首题为{t}的{n}绝句', '《{t}》，{n}绝句', '来一首{n}绝句《{t}》', '{n}绝句：{t}',
    '帮我写{n}绝句，题目《{t}》', 'Write a {m} classical Chinese quatrain titled 《{t}》', 'Write a {m} quatrain with the title {t}',
    'Please compose a {m} Chinese quatrain called "{t}"',
]
BY_THEME = [
    '写一首{n}绝句，主题：{t}', '写一首关于{t}的{n}绝句', '以{t}为主题写一首{n}绝句', '请写{n}绝句，写{t}', '作一首{n}绝句咏{t}', '请写一首{n}绝句咏{t}',
    '用{n}绝句写一写{t}', '来一首写{t}的{n}绝句', '帮我写一首{n}绝句，内容是{t}', '我想要一首{t}的{n}绝句',
]
BY_WORD = [
    'Write a {m} classical Chinese quatrain on {w}', 'Write a {m} classical Chinese quatrain about {w}',
    'Compose a {m} Chinese quatrain about {w}', 'Please write a {m} quatrain on the theme of {w}',
    'Give me a {m} classical quatrain about {w}', 'a {m} Chinese quatrain on {w}, please', 'Can you write a {m} quatrain about {w}?',
    'I would like a {m} Chinese poem of four lines about {w}', 'write me a {m} quatrain: {w}', 'Make a {m} Chinese quatrain on {w}',
]
TITLE_UNSEEN = ['能否以{t}作题，赋{n}绝句一首', '《{t}》这个题目，写成{n}绝句', 'Compose a {m} quatrain whose title is 《{t}》']
THEME_UNSEEN = ['今天想读一首讲{t}的{n}绝句，写吧', '请赋{n}绝句，抒写{t}', '{t}，写成{n}绝句好吗']
WORD_UNSEEN = ['May I have a {m} Chinese quatrain in which {w} appears?', 'Four lines of classical verse, {m}, on {w}, please write them']

THEMES = {
    'the moon': '月', 'moonlight': '月', 'the wind': '风', 'flowers': '花', 'snow': '雪', 'rain': '雨', 'spring': '春', 'autumn': '秋',
    'a river': '江', 'mountains': '山', 'wine': '酒', 'clouds': '云', 'the evening': '晚', 'night': '夜', 'a temple': '寺', 'bamboo': '竹',
    'plum blossom': '梅', 'a pine tree': '松', 'willows': '柳', 'the lotus': '莲', 'chrysanthemums': '菊', 'fishing': '渔', 'a boat': '船',
    'parting': '别', 'sorrow': '愁', 'dreams': '梦', 'home': '家', 'travel': '客', 'birds': '鸟', 'a wild goose': '雁', 'the sea': '海',
    'a lake': '湖', 'spring wind': '春风', 'autumn wind': '秋风', 'the sunset': '夕阳', 'an old friend': '故人', 'tea': '茶', 'a horse': '马',
    'the lute': '琴', 'stars': '星', 'grass': '草', 'frost': '霜', 'a garden': '园', 'a monk': '僧', 'old age': '老', 'a bridge': '桥',
    'peach blossom': '桃', 'a stream': '溪', 'a tower': '楼', 'swallows': '燕', 'summer': '夏', 'winter': '冬', 'a letter': '书',
    'the emperor': '君', 'war': '战', 'the frontier': '塞', 'stones': '石', 'a crane': '鹤', 'cold': '寒', 'green mountains': '青山',
}
WORDS_BY_THEME: dict[str, list[str]] = {}
for _word, _theme in THEMES.items():
    WORDS_BY_THEME.setdefault(_theme, []).append(_word)


@dataclass(frozen=True)
class Poem:
    title: str
    lines: tuple[str, ...]

    @property
    def width(self) -> int:
        return len(self.lines[0])

    @property
    def themes(self) -> list[str]:
        text = self.title + ''.join(self.lines)
        return [theme for theme in WORDS_BY_THEME if theme in text]


def read(path: Path) -> list[Poem]:
    """Poems of regular form and common characters, simplified, in file order."""
    if not path.is_file():
        raise SystemExit(f'The poems are missing: {path}. Name the file quatrains.jsonl with --poems PATH.')
    from opencc import OpenCC

    rows = []
    for number, line in enumerate(path.read_text('utf-8').splitlines(), 1):
        try:
            row = json.loads(line)
            rows.append('\t'.join([row['title'], *row['lines']]))
        except (ValueError, KeyError, TypeError) as error:
            raise SystemExit(f'{path}, line {number}: not a poem with "title" and "lines" ({error}).') from None
    poems = [Poem(title, tuple(lines)) for title, *lines in
             (row.split('\t') for row in OpenCC('t2s').convert('\n'.join(rows)).split('\n'))]
    poems = [poem for poem in poems if regular(poem)]
    count = Counter(char for poem in poems for char in poem.title + ''.join(poem.lines))
    common = {char for char, _ in count.most_common(COMMON_CHARACTERS)}
    return [poem for poem in poems if common.issuperset(poem.title + ''.join(poem.lines))]


def regular(poem: Poem) -> bool:
    text = poem.title + ''.join(poem.lines)
    return (len(poem.lines) == 4 and poem.width in (5, 7) and len({len(line) for line in poem.lines}) == 1
            and 1 <= len(poem.title) <= TITLE_LENGTH and all('\u4e00' <= char <= '\u9fff' for char in text))


def written(poem: Poem) -> str:
    first, second, third, fourth = poem.lines
    return f'{first}，\n{second}。\n{third}，\n{fourth}。'


def ask(title: str, width: int, rng: random.Random, theme: str = '', word: str = '', unseen: bool = False) -> str:
    """A request for a poem by title, by Chinese theme or by English word, whichever is given."""
    if word:
        wordings = WORD_UNSEEN if unseen else BY_WORD
    elif theme:
        wordings = THEME_UNSEEN if unseen else BY_THEME
    else:
        wordings = TITLE_UNSEEN if unseen else BY_TITLE
    return rng.choice(wordings).format(n=rng.choice(LENGTH_NAMES[width]), m=rng.choice(LENGTH_WORDS[width]), t=title or theme, w=word)


def request(poem: Poem, rng: random.Random) -> str:
    roll = rng.random()
    if roll < 0.55 or not poem.themes:
        return ask(poem.title, poem.width, rng)
    theme = rng.choice(poem.themes)
    if roll < 0.75:
        return ask('', poem.width, rng, theme=theme)
    return ask('', poem.width, rng, word=rng.choice(WORDS_BY_THEME[theme]))


def example(poem: Poem, rng: random.Random) -> Example:
    question = request(poem, rng)
    if rng.random() < 0.25:
        question += rng.choice(['。', '。', '，谢谢', '.', ' please']) if question[-1] not in '?.' else ''
    return Example('quatrain', (Turn('user', question), Turn('assistant', written(poem))), check={'width': poem.width})


def unseen(poems: list[Poem], count: int, rng: random.Random) -> list[Example]:
    """Requests with titles of held-out poems and with themes, half of them in wordings never trained."""
    examples = []
    for index in range(count):
        poem, width, new = rng.choice(poems), rng.choice((5, 7)), index % 2 == 1
        theme = rng.choice(list(WORDS_BY_THEME))
        word = rng.choice(WORDS_BY_THEME[theme])
        kind = rng.choice(('title', 'title', 'theme', 'word'))
        question = {'title': lambda: ask(poem.title, width, rng, unseen=new),
                    'theme': lambda: ask('', width, rng, theme=theme, unseen=new),
                    'word': lambda: ask('', width, rng, word=word, unseen=new)}[kind]()
        examples.append(Example('quatrain', (Turn('user', question), Turn('assistant')), check={'width': width}))
    return examples
