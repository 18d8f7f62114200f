"""Fills the model cards, evaluation.json, check.json and SHA256SUMS from measured results."""

import random
from pathlib import Path

from . import checks, evaluate, export, node, shop, sql_evaluation
from .example import Example, render_prompt
from .generate import Writer
from .questions import MATERIAL
from .quatrains import Poem

GREEDY_LIMIT = 128
KINDS = ('arithmetic', 'quatrain', 'question', 'tool', 'other')


def messages(example: Example) -> list[dict]:
    """The prompt as the OpenAI dialect sends it."""
    out = [{'role': 'system', 'content': example.system}] if example.system else []
    for turn in example.prompt:
        message: dict = {'role': turn.role, 'content': turn.content}
        if turn.calls:
            message['tool_calls'] = [{'type': 'function', 'function': call} for call in turn.calls]
        out.append(message)
    return out


def greedy(folder: Path, gguf: Path, prompts: list[str], adapter: Path | None = None, adapter_gguf: Path | None = None) -> dict:
    """Greedy tokens of both forms of the weights on the same prompts, and how fast the engine was."""
    writer = Writer(folder, adapter)
    requests = [{'prompt': writer.ids(prompt), 'limit': GREEDY_LIMIT, 'text': prompt} for prompt in prompts]
    ours = [writer.tokens([prompt], GREEDY_LIMIT)[0] for prompt in prompts]
    engine = node.engine(gguf, requests, adapter_gguf)
    return {
        'prompts': len(prompts),
        'equal': sum(a == b for a, b in zip(ours, engine['outputs'], strict=True)),
        'tokenizedEqual': sum(request['prompt'] == tokens for request, tokens in zip(requests, engine['tokenised'], strict=True)),
        'tokens': sum(map(len, ours)),
        'loadSeconds': round(engine['loadMs'] / 1000, 2),
        'tokensPerSecond': round(engine['tokensPerSecond']),
        'outputs': ours,
        'texts': [writer.text(tokens) for tokens in ours],
    }


def comparison_table(compared: dict[str, dict]) -> str:
    lines = ['| prompts | asked | same prompt tokens | same greedy reply | reply tokens compared |', '|---|---:|---:|---:|---:|']
    lines += [f'| {kind} | {row["prompts"]} | {row["tokenizedEqual"]} | {row["equal"]} | {row["tokens"]} |' for kind, row in compared.items()]
    total = {key: sum(row[key] for row in compared.values()) for key in ('prompts', 'tokenizedEqual', 'equal', 'tokens')}
    lines.append(f'| all | {total["prompts"]} | {total["tokenizedEqual"]} | {total["equal"]} | {total["tokens"]} |')
    return '\n'.join(lines)


def results_yaml(scores: dict[str, evaluate.Score]) -> str:
    """The model-index of the card's front matter."""
    lines = []
    for kind in KINDS:
        score = scores[kind]
        lines += ['  - task:', '      type: text-generation', '    dataset:', f'      name: flywheel/tiny held-out {kind} ({score.asked} prompts)',
                  '      type: flywheel/tiny-held-out', '    metrics:', '    - type: accuracy', f'      value: {score.share:.4f}', f'      name: {kind} right']
    return '\n'.join(lines)


def fill(template: str, **values: object) -> str:
    text = (MATERIAL / template).read_text('utf-8')
    for name, value in values.items():
        text = text.replace('{{' + name + '}}', str(value))
    return text


def base(folder: Path, poems: list[Poem], count: int) -> None:
    """Evaluate flywheel/tiny and write everything the folder says about itself."""
    gguf = folder / 'tiny-f16.gguf'
    scores, failures = evaluate.evaluate(folder, poems, count)
    print(evaluate.table(scores))
    held_out = evaluate.suite(poems, count=count)
    rng = random.Random(50)
    chosen = {kind: rng.sample(held_out[kind], 10) for kind in KINDS}
    compared = {kind: greedy(folder, gguf, [render_prompt(example) for example in examples]) for kind, examples in chosen.items()}
    print(comparison_table(compared))
    speed = {'loadSeconds': min(row['loadSeconds'] for row in compared.values()),
             'tokensPerSecond': max(row['tokensPerSecond'] for row in compared.values())}
    print(speed)
    export.write_json(folder / 'evaluation.json', {
        'model': 'flywheel/tiny',
        'scores': {kind: {'asked': score.asked, 'right': score.right, 'share': round(score.share, 4), 'target': evaluate.TARGETS.get(kind)}
                   for kind, score in scores.items()},
        'sameGreedyTokens': {kind: {key: row[key] for key in ('prompts', 'equal', 'tokenizedEqual', 'tokens')} for kind, row in compared.items()},
        'engine': speed,
        'failures': [{'kind': kind, 'prompt': prompt, 'reply': reply} for kind, prompt, reply in failures],
    })
    export.write_json(folder / 'check.json', base_checks(chosen, compared))
    (folder / 'README.md').write_text(fill('card.md', table=evaluate.table(scores), shortfall=evaluate.shortfall(scores), comparison=comparison_table(compared), results=results_yaml(scores),
                                           load=f'{speed["loadSeconds"]:.1f}', speed=speed['tokensPerSecond'],
                                           size=f'{gguf.stat().st_size / 1e6:.1f}', **samples(chosen, compared)), 'utf-8')
    export.write_sums(folder)


def samples(chosen: dict[str, list[Example]], compared: dict[str, dict]) -> dict[str, str]:
    """The first right reply of each kind, for the card; greedy and unedited."""
    out = {}
    for kind in KINDS:
        for example, text in zip(chosen[kind], compared[kind]['texts'], strict=True):
            if checks.passes(text, example.check):
                out[f'sample_{kind}'] = f'> {example.prompt[-1].content}\n\n```\n{text}\n```'
                break
        else:
            out[f'sample_{kind}'] = 'None of ten was right.'
    return out


def base_checks(chosen: dict[str, list[Example]], compared: dict[str, dict]) -> dict:
    """A short suite for the embedded engine: six prompts a kind with their check, two of them with the exact reply."""
    rows = []
    for kind in KINDS:
        for index, (example, text, tokens) in enumerate(zip(chosen[kind][:6], compared[kind]['texts'], compared[kind]['outputs'], strict=False)):
            row = {'kind': kind, 'messages': messages(example), 'tools': list(example.tools), 'prompt': render_prompt(example),
                   'check': example.check, 'passes': checks.passes(text, example.check)}
            if index < 2:
                row |= {'greedyText': text, 'greedyTokens': tokens[:32]}
            rows.append(row)
    return {'model': 'flywheel/tiny', 'minimumRight': floor(rows), 'checks': rows}


def floor(rows: list[dict]) -> float:
    """What a later run must reach: the share measured here, less one tenth for other vector units."""
    return round(max(0.0, sum(row['passes'] for row in rows) / len(rows) - 0.1), 2)


def adapter(base_folder: Path, folder: Path) -> None:
    """Evaluate flywheel/tiny-sql and write everything the folder says about itself."""
    (folder / 'schema.sql').write_text(shop.SCHEMA, 'utf-8')
    (folder / 'seed.sql').write_text(shop.seed_rows(), 'utf-8')
    outcomes = sql_evaluation.evaluate(base_folder, folder)
    table = sql_evaluation.table(outcomes)
    print(table)
    examples = random.Random(51).sample(shop.tests(300), 50)
    prompts = [render_prompt(example) for example in examples]
    compared = greedy(base_folder, base_folder / 'tiny-f16.gguf', prompts, folder, folder / 'tiny-sql-lora.gguf')
    engine_side = sql_evaluation.compare(examples, [checks.visible(text) for text in compared['texts']])
    share = sum(outcome.matches for outcome in outcomes) / len(outcomes)
    print(comparison_table({'sql': compared}))
    export.write_json(folder / 'evaluation.json', {
        'model': 'flywheel/tiny-sql', 'asked': len(outcomes), 'right': sum(outcome.matches for outcome in outcomes), 'share': round(share, 4), 'target': 0.9,
        'sameGreedyTokens': {key: compared[key] for key in ('prompts', 'equal', 'tokenizedEqual', 'tokens')},
        'engine': {key: compared[key] for key in ('loadSeconds', 'tokensPerSecond')},
        'failures': [{'question': o.asked, 'expected': o.expected, 'written': o.written} for o in outcomes if not o.matches],
    })
    rows = [{'messages': messages(example), 'prompt': prompt, 'sql': example.check['sql'], 'rows': outcome.rows, 'passes': outcome.matches}
            for example, prompt, outcome in zip(examples, prompts, engine_side, strict=True)][:15]
    export.write_json(folder / 'check.json', {'model': 'flywheel/tiny-sql', 'baseModel': 'flywheel/tiny', 'system': shop.SYSTEM, 'minimumRight': floor(rows),
                                              'checks': rows})
    samples_text = '\n'.join(f'| {o.asked} | `{o.written}` | {"yes" if o.matches else "no"} |' for o in engine_side[:6])
    size = (folder / 'tiny-sql-lora.gguf').stat().st_size / 1e6
    (folder / 'README.md').write_text(fill('card-sql.md', table=table, comparison=comparison_table({'sql': compared}), schema=shop.SCHEMA.strip(),
                                           value=f'{share:.4f}', asked=len(outcomes), samples=samples_text, size=f'{size:.2f}', kinds_count=len(shop.KINDS),
                                           kinds='\n'.join(f'- {kind.en[0]} · {kind.zh[0]}' for kind in shop.KINDS)), 'utf-8')
    export.write_sums(folder)


