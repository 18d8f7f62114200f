"""The pieces that need no torch: generators, split, rendering, checks and the shop's questions."""

import json
import random

import pytest

from flywheel_trainer import arithmetic, checks, echo, mixture, others, questions, quatrains, shop, sources, spintax, tools
from flywheel_trainer.example import Example, Turn, render, render_prompt
from flywheel_trainer.quatrains import Poem
from flywheel_trainer.tools import Requests

POEMS = [Poem('秋思', ('一二三四五', '六七八九十', '春夏秋冬月', '东西南北风')), Poem('江雪', ('千山鸟飞绝了吗', '万径人踪灭了吗', '孤舟蓑笠翁也去', '独钓寒江雪也来'))]


@pytest.mark.parametrize(('a', 'b', 'sign', 'result'), [(347, 85, '+', 432), (999, 999, '+', 1998), (12, 85, '-', -73), (500, 1, '-', 499), (0, 0, '-', 0)])
def test_working_ends_in_the_result(a: int, b: int, sign: str, result: int) -> None:
    thought, value = arithmetic.working(a, b, sign)
    assert value == result
    assert int(thought.split('=')[-1]) == result


def test_a_pair_is_either_trained_or_tested() -> None:
    rng = random.Random(1)
    trained = {arithmetic.pair(rng, test=False) for _ in range(500)}
    tested = {arithmetic.pair(rng, test=True) for _ in range(500)}
    assert not trained & tested


def test_every_question_has_wordings_an_answer_and_keywords_in_it() -> None:
    asked, names = questions.load()
    assert len(asked) >= 60
    for question in asked:
        for language in ('en', 'zh'):
            assert question.asked[language] and question.unseen[language], question.name
            assert all(word in question.answer[language] for word in question.keywords[language]), question.name
            for pattern in question.asked[language]:
                assert '[' not in spintax.expand(pattern, names, random.Random(1))


def test_held_out_wordings_are_never_trained() -> None:
    rng = random.Random(2)
    unseen = {example.turns[0].content.strip('?？').lower() for example in questions.unseen() + others.unseen()}
    trained = {make(rng).turns[0].content.strip('?？').lower() for make in (questions.example, others.example) for _ in range(3000)}
    assert not unseen & trained


def test_material_with_a_stray_line_names_the_line() -> None:
    with pytest.raises(ValueError, match='line 2'):
        questions.parse('@ one\nwhat is this')


def test_unbalanced_wording_is_refused() -> None:
    with pytest.raises(ValueError, match='unbalanced'):
        spintax.expand('[a|b', {}, random.Random(1))


def test_missing_poems_give_a_clear_message(tmp_path) -> None:
    with pytest.raises(SystemExit, match='--poems'):
        quatrains.read(tmp_path / 'none.jsonl')


def test_a_broken_poem_names_its_line(tmp_path) -> None:
    pytest.importorskip('opencc')
    path = tmp_path / 'poems.jsonl'
    path.write_text('{"title": "a", "lines": []}\nnot json\n')
    with pytest.raises(SystemExit, match='line 2'):
        quatrains.read(path)


def test_quatrain_form() -> None:
    assert checks.is_quatrain('<think>\n\n</think>\n\n' + quatrains.written(POEMS[0]), 5)
    assert checks.is_quatrain(quatrains.written(POEMS[1]), 7)
    assert not checks.is_quatrain(quatrains.written(POEMS[1]), 5)
    assert not checks.is_quatrain('春，\n夏。\n秋，\n冬。', 5)


def test_calls_are_compared_as_values() -> None:
    call = {'name': 'add', 'arguments': {'a': 1, 'b': 2}}
    assert checks.is_call('<tool_call>\n{"name":"add","arguments":{"b":2,"a":1}}\n</tool_call>', call)
    assert not checks.is_call('<tool_call>\n{"name":"add","arguments":{"a":1}}\n</tool_call>', call)
    assert not checks.is_call('<tool_call>\nnot json {}\n</tool_call>', call)
    assert not checks.is_call('no call', call)


def test_sums_are_read_after_the_thought() -> None:
    assert checks.sum_is('<think>\n9 = 9\n</think>\n\n12 - 85 = -73', -73)
    assert not checks.sum_is('12 - 85 = 73', -73)


def test_tool_requests_hold_their_values_in_the_prompt() -> None:
    requests = Requests('春夏秋冬江山风月', ['open', 'model', 'cloud'])
    rng = random.Random(3)
    for _ in range(300):
        example = requests.call(rng)
        if example.kind == 'tool':
            assert checks.passes(''.join(piece.text for piece in render(example) if piece.learned), example.check)
            for value in example.check['call']['arguments'].values():
                assert str(value).lower() in example.turns[0].content.lower()


def test_only_the_reply_is_learned() -> None:
    prompt, reply = render(Example('other', (Turn('user', 'hi'), Turn('assistant', 'no'))))
    assert not prompt.learned and prompt.text == '<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n'
    assert reply.learned and reply.text == '<think>\n\n</think>\n\nno<|im_end|>'


def test_the_template_says_the_same_as_the_renderer() -> None:
    jinja2 = pytest.importorskip('jinja2')
    environment = jinja2.Environment()
    environment.filters['tojson'] = lambda value: json.dumps(value, ensure_ascii=False)
    template = environment.from_string((questions.MATERIAL / 'chat_template.jinja').read_text('utf-8').rstrip('\n'))
    mixed = mixture.Mixture(POEMS, 5)
    for _ in range(300):
        example = mixed.varied()
        if example.compact:
            continue
        turns = [{'role': 'system', 'content': example.system}] if example.system else []
        for turn in example.prompt:
            turns.append({'role': turn.role, 'content': turn.content,
                          'tool_calls': [{'type': 'function', 'function': call} for call in turn.calls]})
        thinking = {} if example.thinking else {'enable_thinking': False}
        assert template.render(messages=turns, tools=list(example.tools), add_generation_prompt=True, **thinking) == render_prompt(example)


def test_same_seed_same_stream() -> None:
    streams = [mixture.Mixture(POEMS, 9) for _ in range(2)]
    assert [streams[0].varied() for _ in range(50)] == [streams[1].varied() for _ in range(50)]


def test_shop_tests_are_never_trained() -> None:
    rng = random.Random(4)
    tested = {example.turns[0].content.lower() for example in shop.tests(300)}
    trained = {shop.training(rng).turns[0].content.strip('?？。.').removesuffix(' please').lower() for _ in range(4000)}
    assert len(tested) == 300
    assert not tested & trained


def test_more_wordings_join_the_block_of_their_name() -> None:
    asked = {question.name: question for question in questions.load()[0]}
    more = questions.wordings('questions-more-1.txt')
    assert len(more) >= 30
    for name, wordings in more.items():
        assert set(wordings['en']) <= set(asked[name].asked['en']), name


def test_sums_tools_and_rows_have_wordings_for_each_kind() -> None:
    rng = random.Random(5)
    for language in ('en', 'zh'):
        for kind in shop.KINDS:
            assert len(questions.wordings('sql-wordings.txt')[kind.sql][language]) >= 10, kind.sql
        for tool in tools.TOOLS:
            assert len(questions.wordings('tool-wordings.txt')[tool.names[0]][language]) >= 10, tool.names[0]
        for sign in ('add', 'subtract'):
            for pattern in questions.wordings('sum-wordings.txt')[sign][language]:
                asked = spintax.expand(pattern, {}, rng).format(a=7, b=5)
                assert '7' in asked and '5' in asked, pattern


def test_numbers_to_repeat_do_not_touch() -> None:
    rng = random.Random(6)
    for _ in range(200):
        asked = echo.example(rng, ['112', '38']).turns[1].content
        assert not {'11238', '112112', '3838', '38112'} & set(asked.replace(',', ' ').split())


def test_copied_stretches_stand_earlier_in_the_text() -> None:
    mixed, rng = mixture.Mixture(POEMS, 11), random.Random(7)
    kinds = set()
    for example in [mixed.varied() for _ in range(600)] + [shop.training(rng) for _ in range(200)]:
        prompt, reply = (piece.text for piece in render(example))
        text = prompt + reply
        for start, length, source in sources.spans(example, text, len(prompt)):
            kinds.add(example.kind)
            assert length > 0 and source + length <= start and start >= len(prompt)
            assert text[start : start + length] == text[source : source + length]
    assert kinds == {'tool', 'tool-answer', 'arithmetic', 'echo', 'sql'}


def test_both_numbers_and_the_result_of_a_sum_are_copied() -> None:
    example = arithmetic.example(random.Random(8))
    prompt, reply = (piece.text for piece in render(example))
    text = prompt + reply
    copied = [text[start : start + length] for start, length, _ in sources.spans(example, text, len(prompt))]
    a, b, result = (part.strip('-') for part in example.reply.content.replace('=', ' ').replace(' + ', ' ').replace(' - ', ' ').split())
    assert sorted(copied) == sorted([a, a, b, b, result])


def test_stretches_cut_into_other_tokens_are_left_out() -> None:
    ids, starts, ends = [1, 2, 3, 1, 4], [0, 1, 2, 4, 5], [1, 2, 4, 5, 6]
    assert sources.places(iter([(4, 1, 0)]), ids, starts, ends) == [-1, -1, -1, 0, -1]
    assert sources.places(iter([(5, 1, 1)]), ids, starts, ends) == [-1] * 5
