"""Turns the stream of conversations into fixed batches of token ids on disk.

Conversations are sorted into a few lengths so that no batch carries much padding and `torch.compile` sees few shapes.
"""

import random
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from .example import Example, render
from .tokenizer import PAD

LENGTHS = (56, 80, 112, 208, 304)
BATCH_TOKENS = 4480


def encode(example: Example, tokenizer: Tokenizer) -> tuple[list[int], list[bool]]:
    """Token ids and, for each, whether it is learned. The pieces are encoded apart: special tokens divide them."""
    ids: list[int] = []
    learned: list[bool] = []
    for piece in render(example):
        encoded = tokenizer.encode(piece.text, add_special_tokens=False).ids
        ids += encoded
        learned += [piece.learned] * len(encoded)
    return ids, learned


def batches(examples: Iterable[Example], tokenizer: Tokenizer, count: int, seed: int,
            lengths: tuple[int, ...] = LENGTHS, tokens: int = BATCH_TOKENS) -> list[np.ndarray]:
    """`count` batches in random order. A batch is an int16 array of (rows, length); ids not learned are negative - 1."""
    pad = tokenizer.token_to_id(PAD)
    waiting: dict[int, list[np.ndarray]] = {length: [] for length in lengths}
    made: list[np.ndarray] = []
    for example in examples:
        ids, learned = encode(example, tokenizer)
        length = next((length for length in lengths if len(ids) <= length), None)
        if length is None:
            continue
        row = np.full(length, -pad - 1, np.int16)
        row[: len(ids)] = np.where(learned, ids, -np.array(ids) - 1)
        waiting[length].append(row)
        if len(waiting[length]) == tokens // length:
            made.append(np.stack(waiting[length]))
            waiting[length] = []
            if len(made) == count:
                break
    random.Random(seed).shuffle(made)
    return made


def save(made: list[np.ndarray], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **{f'{index:06d}': batch for index, batch in enumerate(made)})


def load(path: Path) -> list[np.ndarray]:
    if not path.is_file():
        raise SystemExit(f'No training data at {path}. Run `flywheel_trainer data` first.')
    with np.load(path) as file:
        return [file[name] for name in sorted(file.files)]
