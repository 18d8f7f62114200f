"""The training loop: batches in the order of the data file, warm-up, constant rate, linear cool-down.

Matrices of the layers are trained with Muon, embeddings and norms with AdamW. A checkpoint every few minutes lets a
stopped run go on, also with another number of steps: the cool-down then begins earlier or later.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from . import corpus
from .model import ModelShape, TinyModel, rotary_table


# Layers of the two steps of copying, and how much their guidance counts beside the loss.
BEFORE, COPY = 0, 2
GUIDANCE = 0.3


@dataclass(frozen=True)
class Plan:
    """How long and how fast to train."""

    steps: int
    rate: float = 4e-3
    warm_up: int = 60
    cool_down: float = 0.7
    seed: int = 1
    threads: int = 2
    save_every: int = 50
    device: str = 'cpu'

    def rate_at(self, step: int) -> float:
        start = self.steps * (1 - self.cool_down)
        falling = max(0.02, (self.steps - step) / (self.steps - start)) if step > start else 1.0
        return self.rate * min(1.0, (step + 1) / self.warm_up) * falling


def optimizers(model: TinyModel, rate: float) -> list[torch.optim.Optimizer]:
    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and 'embed' not in name]
    rest = [p for name, p in model.named_parameters() if p.ndim != 2 or 'embed' in name]
    return [torch.optim.Muon(matrices, lr=rate, weight_decay=0.02, momentum=0.95, adjust_lr_fn='match_rms_adamw'),
            torch.optim.AdamW(rest, lr=rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True)]


def targets_of(batch: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Token ids, flat positions that predict a learned token, and the tokens they must predict."""
    rows = torch.from_numpy(batch[0].astype(np.int64))
    learned = rows >= 0
    tokens = torch.where(learned, rows, -rows - 1)
    next_learned = torch.zeros_like(learned)
    next_learned[:, :-1] = learned[:, 1:]
    positions = next_learned.flatten().nonzero().squeeze(1)
    return tokens, positions, tokens.flatten()[positions + 1]


def guidance(looks: list[torch.Tensor | None], batch: np.ndarray) -> torch.Tensor:
    """What is still missing of the heads' looking where copying needs it: minus the mean logarithm of its share there.

    In BEFORE, one head looks at the token before; in COPY, two look at the token that the next one repeats.
    """
    before, copy = looks[BEFORE], looks[COPY]
    rows, places = np.nonzero(batch[1] >= 0)
    sources = torch.from_numpy(batch[1][rows, places].astype(np.int64))
    rows, places = torch.from_numpy(rows), torch.from_numpy(places)
    missing = -before.diagonal(-1, 2, 3).mean() * 0.1
    return missing - copy[rows, :, places - 1, sources].mean() if len(rows) else missing


def watch_heads(model: TinyModel) -> None:
    model.layers[BEFORE].self_attn.watched = 1
    model.layers[COPY].self_attn.watched = 2


def leave_absent(table: torch.Tensor, tokens: torch.Tensor) -> None:
    """Take away the gradient of tokens that are not in the batch.

    Each is pushed down a little as a wrong answer, all in one direction, and Adam makes a full step of any gradient
    however small: rare tokens would soon be one and the same, and could no longer be copied.
    """
    absent = torch.ones(table.shape[0], dtype=torch.bool, device=table.device)
    absent[tokens.flatten()] = False
    table.grad[absent] = 0


def cross_entropy(hidden: torch.Tensor, table: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return F.cross_entropy(F.linear(hidden, table).float(), targets)


def train(data: Path, checkpoint: Path, shape: ModelShape, plan: Plan, say=print) -> TinyModel:
    """Train for `plan.steps`, going on from `checkpoint` where it exists."""
    torch.manual_seed(plan.seed)
    torch.set_num_threads(plan.threads)
    batches = corpus.load(data)
    model = TinyModel(shape).to(plan.device)
    optims = optimizers(model, plan.rate)
    step = 0
    if checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state['model'])
        for optim, saved in zip(optims, state['optims'], strict=True):
            optim.load_state_dict(saved)
        step = state['step']
        say(f'going on at step {step}')
    watch_heads(model)
    # One program a length and a kind of layer.
    torch._dynamo.config.recompile_limit = 4 * len(corpus.LENGTHS)
    for layer in model.layers:
        layer.compile(dynamic=False)
    loss_of = torch.compile(cross_entropy, dynamic=True)
    table = [part.to(plan.device, torch.bfloat16) for part in rotary_table(max(corpus.LENGTHS), shape.head_dim, shape.rope_theta)]
    began, seen, losses = time.time(), 0, []
    while step < plan.steps:
        batch = batches[step % len(batches)]
        tokens, positions, targets = (part.to(plan.device) for part in targets_of(batch))
        for optim in optims:
            for group in optim.param_groups:
                group['lr'] = plan.rate_at(step)
        cos, sin = (part[: tokens.shape[1]] for part in table)
        with torch.autocast(plan.device, dtype=torch.bfloat16):
            states, looks = model.watch(tokens, cos, sin)
            loss = loss_of(states.flatten(0, 1)[positions], model.embed_tokens.weight, targets)
        missing = guidance(looks, batch)
        (loss + GUIDANCE * missing).backward()
        leave_absent(model.embed_tokens.weight, tokens)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optim in optims:
            optim.step()
            optim.zero_grad()
        step += 1
        seen += tokens.numel()
        losses.append((loss.item(), missing.item()))
        if step % 25 == 0:
            elapsed = time.time() - began
            say(f'step {step}/{plan.steps}  loss {np.mean(losses, axis=0).round(4)}  {seen / elapsed:.0f} tokens/s  {elapsed / 60:.1f} min')
            losses = []
        if step % plan.save_every == 0 or step == plan.steps:
            save(model, optims, step, checkpoint)
    return model


def save(model: TinyModel, optims: list[torch.optim.Optimizer], step: int, path: Path) -> None:
    """Write beside, then rename: a stop in the middle leaves the old checkpoint whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix('.new')
    torch.save({'model': model.state_dict(), 'shape': model.shape.as_dict(), 'step': step,
                'optims': [optim.state_dict() for optim in optims]}, beside)
    beside.replace(path)


def load(path: Path) -> TinyModel:
    if not path.is_file():
        raise SystemExit(f'No checkpoint at {path}. Run `flywheel_trainer train` first.')
    state = torch.load(path, weights_only=True, map_location='cpu')
    model = TinyModel(ModelShape(**state['shape']))
    model.load_state_dict(state['model'])
    return model
