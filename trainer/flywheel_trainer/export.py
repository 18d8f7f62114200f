"""Writes a checkpoint as a Hugging Face folder, with every weight rounded to F16."""

import hashlib
import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer

from .model import ModelShape, TinyModel
from .questions import MATERIAL
from .tokenizer import CONTROL, END, MARKS, PAD

CONTEXT = 2048


def rounded(model: TinyModel) -> dict[str, torch.Tensor]:
    """Weights under their transformers names, in F16: the folder and the GGUF hold the very same numbers."""
    return {f'model.{name}': value.detach().to(torch.float16).contiguous() for name, value in model.state_dict().items()}


def config_of(shape: ModelShape, tokenizer: Tokenizer) -> dict:
    return {
        'architectures': ['Qwen3ForCausalLM'], 'model_type': 'qwen3', 'attention_bias': False, 'attention_dropout': 0.0,
        'hidden_act': 'silu', 'initializer_range': 0.02, 'max_position_embeddings': CONTEXT, **shape.as_dict(),
        'rope_parameters': {'rope_type': 'default', 'rope_theta': shape.rope_theta}, 'sliding_window': None,
        'use_sliding_window': False, 'tie_word_embeddings': True, 'use_cache': True, 'dtype': 'float16',
        'bos_token_id': tokenizer.token_to_id(PAD), 'eos_token_id': tokenizer.token_to_id(END), 'pad_token_id': tokenizer.token_to_id(PAD),
    }


def tokenizer_config(tokenizer: Tokenizer) -> dict:
    added = {str(tokenizer.token_to_id(text)): {'content': text, 'lstrip': False, 'normalized': False, 'rstrip': False,
                                                'single_word': False, 'special': text in CONTROL} for text in CONTROL + MARKS}
    return {
        'tokenizer_class': 'PreTrainedTokenizerFast', 'added_tokens_decoder': added, 'bos_token': None, 'eos_token': END,
        'pad_token': PAD, 'unk_token': None, 'add_prefix_space': False, 'clean_up_tokenization_spaces': False,
        'model_max_length': CONTEXT, 'chat_template': (MATERIAL / 'chat_template.jinja').read_text('utf-8').rstrip('\n'),
    }


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + '\n', 'utf-8')


def write_folder(model: TinyModel, tokenizer: Tokenizer, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / 'config.json', config_of(model.shape, tokenizer))
    write_json(folder / 'tokenizer_config.json', tokenizer_config(tokenizer))
    ids = {name: tokenizer.token_to_id(text) for name, text in (('bos_token_id', PAD), ('eos_token_id', END), ('pad_token_id', PAD))}
    write_json(folder / 'generation_config.json', {**ids, 'do_sample': False})
    tokenizer.save(str(folder / 'tokenizer.json'), pretty=False)
    save_file(rounded(model), folder / 'model.safetensors', metadata={'format': 'pt'})
    (folder / 'model.safetensors').chmod(0o644)


def write_sums(folder: Path) -> None:
    """SHA256SUMS of every file of the folder, in the form `sha256sum -c` reads."""
    lines = [f'{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}' for path in sorted(folder.iterdir())
             if path.is_file() and path.name != 'SHA256SUMS']
    (folder / 'SHA256SUMS').write_text('\n'.join(lines) + '\n', 'utf-8')
