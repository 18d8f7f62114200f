"""Trains flywheel/tiny-sql: a LoRA over every matrix of the layers, the base untouched, saved in PEFT form."""

import math
import random
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from . import corpus, shop
from .export import write_json
from .model import ModelShape, TinyModel, rotary_table
from .tokenizer import load as load_tokenizer
from .train import GUIDANCE, cross_entropy, guidance, targets_of, watch_heads

LENGTHS = (48, 64, 88, 128)
BATCH_TOKENS = 2240
TARGETS = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj']


@dataclass(frozen=True)
class LoraPlan:
    steps: int = 400
    rank: int = 16
    alpha: int = 32
    rate: float = 4e-3
    seed: int = 3
    threads: int = 2

    def rate_at(self, step: int) -> float:
        return self.rate * min(1.0, (step + 1) / 30) * max(0.01, 0.5 + 0.5 * math.cos(math.pi * step / self.steps))


class LoraLinear(nn.Module):
    """A frozen matrix plus a trained product of two thin ones."""

    def __init__(self, base: nn.Linear, rank: int, scale: float):
        super().__init__()
        self.base = base
        self.lora_A = nn.Parameter(torch.randn(rank, base.in_features) / base.in_features**0.5)
        self.lora_B = nn.Parameter(torch.zeros(base.out_features, rank))
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        return self.base(x) + self.scale * F.linear(F.linear(x, self.lora_A), self.lora_B)


def base_of(folder: Path) -> TinyModel:
    """The base from its Hugging Face folder, so that the adapter is trained on exactly the shipped numbers."""
    from .gguf_file import read_json

    config = read_json(folder / 'config.json')
    shape = ModelShape(**{name: config[name] for name in ModelShape.__dataclass_fields__})
    model = TinyModel(shape)
    model.load_state_dict({name.removeprefix('model.'): value.float() for name, value in load_file(folder / 'model.safetensors').items()})
    return model


def insert(model: TinyModel, plan: LoraPlan) -> dict[str, LoraLinear]:
    """Put a LoRA beside every target matrix; only those are trained."""
    model.requires_grad_(False)
    inserted = {}
    for index, layer in enumerate(model.layers):
        for parent_name, parent in (('self_attn', layer.self_attn), ('mlp', layer.mlp)):
            for name in TARGETS:
                if hasattr(parent, name):
                    pair = LoraLinear(getattr(parent, name), plan.rank, plan.alpha / plan.rank)
                    setattr(parent, name, pair)
                    inserted[f'layers.{index}.{parent_name}.{name}'] = pair
    return inserted


def train(base: Path, out: Path, plan: LoraPlan, say=print) -> None:
    torch.manual_seed(plan.seed)
    torch.set_num_threads(plan.threads)
    tokenizer, model, rng = load_tokenizer(base), base_of(base), random.Random(plan.seed)
    pairs = insert(model, plan)
    parameters = [parameter for pair in pairs.values() for parameter in (pair.lora_A, pair.lora_B)]
    optim = torch.optim.AdamW(parameters, lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
    watch_heads(model)
    for layer in model.layers:
        layer.compile(dynamic=False)
    table = [part.to(torch.bfloat16) for part in rotary_table(max(corpus.LENGTHS), model.shape.head_dim, model.shape.rope_theta)]
    questions = (shop.training(rng) for _ in iter(int, 1))
    batches = corpus.batches(questions, tokenizer, plan.steps, plan.seed, LENGTHS, BATCH_TOKENS)
    began, losses = time.time(), []
    for step, batch in enumerate(batches):
        tokens, positions, targets = targets_of(batch)
        optim.param_groups[0]['lr'] = plan.rate_at(step)
        with torch.autocast('cpu', dtype=torch.bfloat16):
            states, looks = model.watch(tokens, *(part[: tokens.shape[1]] for part in table))
            loss = cross_entropy(states.flatten(0, 1)[positions], model.embed_tokens.weight, targets)
        (loss + GUIDANCE * guidance(looks, batch)).backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optim.step()
        optim.zero_grad()
        losses.append(loss.item())
        if (step + 1) % 25 == 0:
            say(f'step {step + 1}/{plan.steps}  loss {sum(losses) / len(losses):.4f}  {(time.time() - began) / 60:.1f} min')
            losses = []
        if (step + 1) % 100 == 0 or step + 1 == plan.steps:
            save(pairs, out, plan)


def save(pairs: dict[str, LoraLinear], folder: Path, plan: LoraPlan) -> None:
    """PEFT's own form, in F16."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {}
    for name, pair in pairs.items():
        for half in ('lora_A', 'lora_B'):
            weights[f'base_model.model.model.{name}.{half}.weight'] = getattr(pair, half).detach().to(torch.float16).contiguous()
    save_file(weights, folder / 'adapter_model.safetensors', metadata={'format': 'pt'})
    (folder / 'adapter_model.safetensors').chmod(0o644)
    write_json(folder / 'adapter_config.json', {
        'peft_type': 'LORA', 'task_type': 'CAUSAL_LM', 'base_model_name_or_path': 'flywheel/tiny', 'r': plan.rank, 'lora_alpha': plan.alpha,
        'lora_dropout': 0.0, 'bias': 'none', 'target_modules': TARGETS, 'fan_in_fan_out': False, 'inference_mode': True,
        'init_lora_weights': True, 'modules_to_save': None, 'use_rslora': False, 'use_dora': False,
    })
