"""Writes GGUF files from Hugging Face folders: the base model, and a LoRA adapter.

The weights are the folder's own F16 numbers; only names change, so both files compute the same function.
"""

import json
from pathlib import Path

import numpy as np
from gguf import GGUFWriter, LlamaFileType, TokenType
from safetensors.numpy import load_file

from .tokenizer import CONTROL, END, MARKS, PAD

LAYER_NAMES = {
    'self_attn.q_proj': 'attn_q', 'self_attn.k_proj': 'attn_k', 'self_attn.v_proj': 'attn_v', 'self_attn.o_proj': 'attn_output',
    'self_attn.q_norm': 'attn_q_norm', 'self_attn.k_norm': 'attn_k_norm', 'mlp.gate_proj': 'ffn_gate', 'mlp.up_proj': 'ffn_up',
    'mlp.down_proj': 'ffn_down', 'input_layernorm': 'attn_norm', 'post_attention_layernorm': 'ffn_norm',
}


def tensor_name(name: str) -> str:
    """The llama.cpp name of a transformers weight."""
    if name == 'model.embed_tokens.weight':
        return 'token_embd.weight'
    if name == 'model.norm.weight':
        return 'output_norm.weight'
    _, _, layer, part = name.split('.', 3)
    return f'blk.{layer}.{LAYER_NAMES[part.removesuffix(".weight")]}.weight'


def read_json(path: Path) -> dict:
    if not path.is_file():
        raise SystemExit(f'{path} is missing: this is no Hugging Face folder.')
    return json.loads(path.read_text('utf-8'))


def write_model(folder: Path, path: Path, name: str) -> None:
    """`path` becomes the GGUF of the Hugging Face `folder`."""
    config = read_json(folder / 'config.json')
    writer = GGUFWriter(path, 'qwen3')
    writer.add_type('model')
    writer.add_name(name)
    writer.add_license('apache-2.0')
    writer.add_languages(['en', 'zh'])
    writer.add_file_type(LlamaFileType.MOSTLY_F16)
    # As in generation_config.json: it is right most often when it decodes greedily.
    writer.add_float32('general.sampling.temp', 0.0)
    writer.add_context_length(config['max_position_embeddings'])
    writer.add_embedding_length(config['hidden_size'])
    writer.add_block_count(config['num_hidden_layers'])
    writer.add_feed_forward_length(config['intermediate_size'])
    writer.add_head_count(config['num_attention_heads'])
    writer.add_head_count_kv(config['num_key_value_heads'])
    writer.add_key_length(config['head_dim'])
    writer.add_value_length(config['head_dim'])
    writer.add_rope_freq_base(config['rope_theta'])
    writer.add_layer_norm_rms_eps(config['rms_norm_eps'])
    writer.add_vocab_size(config['vocab_size'])
    _write_tokenizer(writer, folder)
    for tensor, value in load_file(folder / 'model.safetensors').items():
        # llama.cpp wants vectors (the norms) in F32; every F16 number is an F32 number.
        writer.add_tensor(tensor_name(tensor), value if value.ndim == 2 else value.astype(np.float32))
    _finish(writer)


def _write_tokenizer(writer: GGUFWriter, folder: Path) -> None:
    tokenizer = read_json(folder / 'tokenizer.json')
    ids = tokenizer['model']['vocab'] | {token['content']: token['id'] for token in tokenizer['added_tokens']}
    tokens = sorted(ids, key=lambda token: ids[token])
    types = [TokenType.CONTROL if token in CONTROL else TokenType.USER_DEFINED if token in MARKS else TokenType.NORMAL for token in tokens]
    writer.add_tokenizer_model('gpt2')
    writer.add_tokenizer_pre('qwen2')
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges([' '.join(merge) for merge in tokenizer['model']['merges']])
    writer.add_bos_token_id(ids[PAD])
    writer.add_eos_token_id(ids[END])
    writer.add_pad_token_id(ids[PAD])
    writer.add_add_bos_token(False)
    writer.add_chat_template(read_json(folder / 'tokenizer_config.json')['chat_template'])


def write_adapter(folder: Path, path: Path, name: str) -> None:
    """`path` becomes the GGUF adapter of the PEFT `folder`."""
    config = read_json(folder / 'adapter_config.json')
    writer = GGUFWriter(path, 'qwen3')
    writer.add_type('adapter')
    writer.add_string('adapter.type', 'lora')
    writer.add_float32('adapter.lora.alpha', float(config['lora_alpha']))
    writer.add_name(name)
    writer.add_license('apache-2.0')
    for tensor, value in sorted(load_file(folder / 'adapter_model.safetensors').items()):
        base, half = tensor.removeprefix('base_model.model.').rsplit('.lora_', 1)
        writer.add_tensor(f'{tensor_name(base + ".weight")}.lora_{half[0].lower()}', value.astype(np.float16))
    _finish(writer)


def _finish(writer: GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
