"""A byte-level BPE tokenizer with Qwen2's splitting, so that llama.cpp (`tokenizer.ggml.pre = qwen2`) agrees with it.

Training splits Chinese text into single characters first, so no merge ever joins two of them: a line of seven
characters is seven tokens, which is what makes the form of a quatrain learnable. It also splits letters from spaces and
marks, so that a word is the same tokens after a space and after a quote: what a request says can be copied into a call.
"""

from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

VOCABULARY = 4608
CONTROL = ['<|endoftext|>', '<|im_start|>', '<|im_end|>']
MARKS = ['<think>', '</think>', '<tool_call>', '</tool_call>', '<tool_response>', '</tool_response>']
PAD, END = '<|endoftext|>', '<|im_end|>'

QWEN2 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|"
         r'\s*[\r\n]+|\s+(?!\S)|\s+')
LETTERS = r'\p{L}+'
HAN = r'[\x{4e00}-\x{9fff}，。？！：；、“”《》（）]'


def _splitter(training: bool) -> pre_tokenizers.PreTokenizer:
    parts = [pre_tokenizers.Split(Regex(QWEN2), 'isolated'),
             pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)]
    if training:
        parts[:0] = [pre_tokenizers.Split(Regex(HAN), 'isolated'), pre_tokenizers.Split(Regex(LETTERS), 'isolated')]
    return pre_tokenizers.Sequence(parts)


def learn(texts: Iterable[str], characters: str) -> Tokenizer:
    """Train on `texts`; each of `characters` gets a token. The special tokens take the last ids, as in Qwen3."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = _splitter(training=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY - len(CONTROL) - len(MARKS), show_progress=False,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), min_frequency=2)
    tokenizer.train_from_iterator(chain(texts, (char * 2000 for char in characters)), trainer)
    tokenizer.pre_tokenizer = _splitter(training=False)
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in CONTROL])
    tokenizer.add_tokens([AddedToken(text, special=False, normalized=False) for text in MARKS])
    return tokenizer


def load(folder: Path) -> Tokenizer:
    path = folder / 'tokenizer.json'
    if not path.is_file():
        raise SystemExit(f'No tokenizer at {path}. Run `flywheel_trainer tokenizer` first.')
    return Tokenizer.from_file(str(path))
