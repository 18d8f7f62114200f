"""Turns the stream of conversations into fixed batches of token ids on disk.

Conversations are sorted into a few lengths so that no batch carries much padding and `torch.compile` sees few shapes.
"""

import random
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from .example import Example, render
from .sources import places, spans
from .tokenizer import PAD

LENGTHS = (48, 64, 80, 96, 112, 136, 160, 192, 240)
BATCH_TOKENS = 4480
# One row of each batch in so many is copying of random tokens.
REPEATS_EVERY = 14


def encode(example: Example, tokenizer: Tokenizer) -> tuple[list[int], list[bool], list[int]]:
    """Token ids and, for each, whether it is learned and which place it repeats (-1: none).

    The pieces are encoded apart: special tokens divide them.
    """
    ids: list[int] = []
    learned: list[bool] = []
    starts: list[int] = []
    ends: list[int] = []
    text = ''
    for piece in render(example):
        encoded = tokenizer.encode(piece.text, add_special_tokens=False)
        ids += encoded.ids
        learned += [piece.learned] * len(encoded.ids)
        starts += [len(text) + start for start, _ in encoded.offsets]
        ends += [len(text) + end for _, end in encoded.offsets]
        reply_at, text = len(text), text + piece.text
    return ids, learned, places(spans(example, text, reply_at), ids, starts, ends)


def batches(examples: Iterable[Example], tokenizer: Tokenizer, count: int, seed: int,
            lengths: tuple[int, ...] = LENGTHS, tokens: int = BATCH_TOKENS) -> list[np.ndarray]:
    """`count` batches in random order. A batch is an int16 array of (2, rows, length): ids, those not learned as negative - 1,
    and the place that each token repeats or -1."""
    pad = tokenizer.token_to_id(PAD)
    waiting: dict[int, list[np.ndarray]] = {length: [] for length in lengths}
    made: list[np.ndarray] = []
    for example in examples:
        ids, learned, sources = encode(example, tokenizer)
        length = next((length for length in lengths if len(ids) <= length), None)
        if length is None:
            continue
        row = np.full((2, length), -1, np.int16)
        row[0] = -pad - 1
        row[0, : len(ids)] = np.where(learned, ids, -np.array(ids) - 1)
        row[1, : len(ids)] = sources
        waiting[length].append(row)
        if len(waiting[length]) == tokens // length:
            made.append(np.stack(waiting[length], axis=1))
            waiting[length] = []
            if len(made) == count:
                break
    random.Random(seed).shuffle(made)
    return made


def repeats(rows: int, length: int, vocabulary: int, rng: np.random.Generator) -> np.ndarray:
    """Rows of random tokens of which a stretch comes twice; only the second time is learned, past its first token."""
    stretch = int(rng.integers(8, length // 2 + 1))
    before = int(rng.integers(0, length - 2 * stretch + 1))
    tokens = rng.integers(0, vocabulary, (rows, length), dtype=np.int16)
    tokens[:, length - stretch :] = tokens[:, before : before + stretch]
    learned = np.zeros((rows, length), bool)
    learned[:, length - stretch + 1 :] = True
    sources = np.where(learned, np.arange(length) - (length - stretch - before), -1)
    return np.stack((np.where(learned, tokens, -tokens - 1), sources)).astype(np.int16)


def with_repeats(talk: list[np.ndarray], vocabulary: int, seed: int) -> list[np.ndarray]:
    """The batches with some of their rows replaced by copying of random tokens: a call must repeat words never seen before."""
    rng = np.random.default_rng(seed)
    made = []
    for batch in talk:
        _, rows, length = batch.shape
        copied = max(1, round(rows / REPEATS_EVERY))
        made.append(np.concatenate((batch[:, : rows - copied], repeats(copied, length, vocabulary, rng)), axis=1))
    return made


def save(made: list[np.ndarray], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **{f'{index:06d}': batch for index, batch in enumerate(made)})


def load(path: Path) -> list[np.ndarray]:
    if not path.is_file():
        raise SystemExit(f'No training data at {path}. Run `flywheel_trainer data` first.')
    with np.load(path) as file:
        return [file[name] for name in sorted(file.files)]
