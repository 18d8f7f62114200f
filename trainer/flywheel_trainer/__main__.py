"""The command line: `python -m flywheel_trainer COMMAND`. Heavy imports wait until a command needs them."""

import argparse
import os
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
COMMANDS = {
    'tokenizer': 'learn the tokenizer',
    'data': 'write the training batches',
    'train': 'train flywheel/tiny, or go on from its checkpoint, and write the Hugging Face folder',
    'convert': 'write the GGUF of flywheel/tiny, and of the adapter where there is one',
    'evaluate': 'ask held-out prompts, compare engine and transformers, write card, evaluation.json and check.json',
    'lora': 'train flywheel/tiny-sql on flywheel/tiny and write its PEFT and GGUF forms',
    'evaluate-lora': 'run held-out questions on the embedded database, write card, evaluation.json and check.json',
    'all': 'everything above, in this order',
}


def parser() -> argparse.ArgumentParser:
    listed = '\n'.join(f'  {name:14} {text}' for name, text in COMMANDS.items())
    made = argparse.ArgumentParser('flywheel_trainer', description='Trains flywheel/tiny and flywheel/tiny-sql.',
                                   epilog=f'commands:\n{listed}', formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument('command', choices=COMMANDS, metavar='COMMAND')
    made.add_argument('--poems', type=Path, help='quatrains.jsonl: one {"title", "lines"} a line (tokenizer, data, evaluate, all)')
    made.add_argument('--build', type=Path, default=REPOSITORY / 'trainer/build', help='folder for batches and checkpoints')
    made.add_argument('--models', type=Path, default=REPOSITORY / 'models', help='folder for tiny/ and tiny-sql/')
    made.add_argument('--seed', type=int, default=1)
    made.add_argument('--steps', type=int, default=10_500, help='steps of the base training')
    made.add_argument('--lora-steps', type=int, default=1000)
    made.add_argument('--count', type=int, default=100, help='held-out prompts a kind')
    made.add_argument('--threads', type=int, default=2)
    made.add_argument('--device', default='cpu', help='cpu or cuda (base training only)')
    return made


def poems_at(path: Path | None) -> tuple[list, list]:
    from . import mixture, quatrains

    if path is None:
        raise SystemExit('This command needs the poems: name the file quatrains.jsonl with --poems PATH.')
    return mixture.split(quatrains.read(path))


def tokenizer(options: argparse.Namespace) -> None:
    from itertools import islice

    from . import example, mixture
    from . import tokenizer as module

    mixed = mixture.Mixture(poems_at(options.poems)[0], options.seed)
    texts = (''.join(piece.text for piece in example.render(drawn)) for drawn in islice(mixed, 40_000))
    options.build.mkdir(parents=True, exist_ok=True)
    learned = module.learn(texts, mixed.characters)
    learned.save(str(options.build / 'tokenizer.json'))
    print(f'tokenizer: {learned.get_vocab_size()} tokens')


def data(options: argparse.Namespace) -> None:
    from . import corpus, mixture
    from . import tokenizer as module

    mixed = mixture.Mixture(poems_at(options.poems)[0], options.seed + 1)
    known = module.load(options.build)
    talk = corpus.batches(iter(mixed), known, options.steps, options.seed)
    made = corpus.with_repeats(talk, known.get_vocab_size() - len(module.CONTROL) - len(module.MARKS), options.seed)
    corpus.save(made, options.build / 'data.npz')
    print(f'data: {len(made)} batches of {corpus.BATCH_TOKENS} tokens')


def train(options: argparse.Namespace) -> None:
    from . import export, model
    from . import tokenizer as module
    from . import train as loop

    known = module.load(options.build)
    plan = loop.Plan(options.steps, seed=options.seed, threads=options.threads, device=options.device)
    trained = loop.train(options.build / 'data.npz', options.build / 'base.pt', model.ModelShape(known.get_vocab_size()), plan,
                         say=lambda line: print(line, flush=True))
    export.write_folder(trained.cpu(), known, options.models / 'tiny')


def convert(options: argparse.Namespace) -> None:
    from . import gguf_file

    gguf_file.write_model(options.models / 'tiny', options.models / 'tiny/tiny-f16.gguf', 'flywheel/tiny')
    if (options.models / 'tiny-sql/adapter_model.safetensors').is_file():
        gguf_file.write_adapter(options.models / 'tiny-sql', options.models / 'tiny-sql/tiny-sql-lora.gguf', 'flywheel/tiny-sql')


def evaluate(options: argparse.Namespace) -> None:
    from . import report

    report.base(options.models / 'tiny', poems_at(options.poems)[1], options.count)


def lora(options: argparse.Namespace) -> None:
    from . import lora as module

    module.train(options.models / 'tiny', options.models / 'tiny-sql', module.LoraPlan(options.lora_steps, threads=options.threads),
                 say=lambda line: print(line, flush=True))
    convert(options)


def evaluate_lora(options: argparse.Namespace) -> None:
    from . import report

    report.adapter(options.models / 'tiny', options.models / 'tiny-sql')


def everything(options: argparse.Namespace) -> None:
    (options.build / 'base.pt').unlink(missing_ok=True)
    for step in (tokenizer, data, train, convert, evaluate, lora, evaluate_lora):
        step(options)


def main(arguments: list[str] | None = None) -> None:
    # Threads that spin while waiting would take the other core from everything else on the machine.
    os.environ.setdefault('OMP_WAIT_POLICY', 'passive')
    options = parser().parse_args(arguments)
    steps = {'tokenizer': tokenizer, 'data': data, 'train': train, 'convert': convert, 'evaluate': evaluate, 'lora': lora,
             'evaluate-lora': evaluate_lora, 'all': everything}
    try:
        steps[options.command](options)
    except ModuleNotFoundError as error:
        raise SystemExit(f'The Python package "{error.name}" is missing. Install the locked set: `cd trainer && uv sync`.') from None
    except PermissionError as error:
        raise SystemExit(f'Cannot write or read {error.filename}: permission denied.') from None


if __name__ == '__main__':
    main(sys.argv[1:])
