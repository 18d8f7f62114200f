"""The Qwen3 network in plain PyTorch, written small so that `torch.compile` fuses it well on a CPU.

Parameter names and arithmetic equal `transformers.Qwen3ForCausalLM`; `tests/test_model.py` holds the two
together. Training uses this class because the transformers one is two to three times slower at this size.
"""

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class ModelShape:
    """Every number that decides the size of the network."""

    vocab_size: int
    hidden_size: int = 256
    intermediate_size: int = 640
    num_hidden_layers: int = 4
    num_attention_heads: int = 8
    num_key_value_heads: int = 4
    head_dim: int = 32
    rope_theta: float = 10_000.0
    rms_norm_eps: float = 1e-6

    def as_dict(self) -> dict:
        return asdict(self)


class RMSNorm(nn.Module):
    def __init__(self, size: int, eps: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        wide = x.float()
        wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.eps)
        return self.weight.to(x.dtype) * wide.to(x.dtype)


def rotate_half(x: Tensor) -> Tensor:
    first, second = x.chunk(2, dim=-1)
    return torch.cat((-second, first), dim=-1)


def rotary_table(length: int, head_dim: int, theta: float) -> tuple[Tensor, Tensor]:
    """Cosines and sines for positions 0..length-1, each of shape (length, head_dim)."""
    frequency = 1.0 / theta ** (torch.arange(0, head_dim, 2).float() / head_dim)
    angle = torch.outer(torch.arange(length).float(), frequency)
    angle = torch.cat((angle, angle), dim=-1)
    return angle.cos(), angle.sin()


def attend(q: Tensor, k: Tensor, v: Tensor, watched: int = 0) -> tuple[Tensor, Tensor | None]:
    """Causal attention written out: at our lengths it costs a CPU a third less than the fused kernel and its backward.

    Also the logarithms of where the first `watched` heads look.
    """
    length = q.shape[-2]
    future = torch.full((length, length), -1e9, device=q.device).triu(1)
    scores = (q @ k.transpose(-1, -2)).float() * q.shape[-1] ** -0.5 + future
    looks = torch.log_softmax(scores[:, :watched], dim=-1) if watched else None
    return torch.softmax(scores, dim=-1).to(v.dtype) @ v, looks


class Attention(nn.Module):
    def __init__(self, shape: ModelShape):
        super().__init__()
        self.shape = shape
        self.watched = 0
        queries = shape.num_attention_heads * shape.head_dim
        keys = shape.num_key_value_heads * shape.head_dim
        self.q_proj = nn.Linear(shape.hidden_size, queries, bias=False)
        self.k_proj = nn.Linear(shape.hidden_size, keys, bias=False)
        self.v_proj = nn.Linear(shape.hidden_size, keys, bias=False)
        self.o_proj = nn.Linear(queries, shape.hidden_size, bias=False)
        self.q_norm = RMSNorm(shape.head_dim, shape.rms_norm_eps)
        self.k_norm = RMSNorm(shape.head_dim, shape.rms_norm_eps)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor | None]:
        batch, length, _ = x.shape
        dim = self.shape.head_dim
        q = self.q_norm(self.q_proj(x).view(batch, length, -1, dim)).transpose(1, 2)
        k = self.k_norm(self.k_proj(x).view(batch, length, -1, dim)).transpose(1, 2)
        v = self.v_proj(x).view(batch, length, -1, dim).transpose(1, 2)
        q = q * cos + rotate_half(q) * sin
        k = k * cos + rotate_half(k) * sin
        repeat = self.shape.num_attention_heads // self.shape.num_key_value_heads
        k = k.repeat_interleave(repeat, dim=1)
        v = v.repeat_interleave(repeat, dim=1)
        mixed, looks = attend(q, k, v, self.watched)
        return self.o_proj(mixed.transpose(1, 2).reshape(batch, length, -1)), looks


class MLP(nn.Module):
    def __init__(self, shape: ModelShape):
        super().__init__()
        self.gate_proj = nn.Linear(shape.hidden_size, shape.intermediate_size, bias=False)
        self.up_proj = nn.Linear(shape.hidden_size, shape.intermediate_size, bias=False)
        self.down_proj = nn.Linear(shape.intermediate_size, shape.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, shape: ModelShape):
        super().__init__()
        self.self_attn = Attention(shape)
        self.mlp = MLP(shape)
        self.input_layernorm = RMSNorm(shape.hidden_size, shape.rms_norm_eps)
        self.post_attention_layernorm = RMSNorm(shape.hidden_size, shape.rms_norm_eps)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor | None]:
        mixed, looks = self.self_attn(self.input_layernorm(x), cos, sin)
        x = x + mixed
        return x + self.mlp(self.post_attention_layernorm(x)), looks


class TinyModel(nn.Module):
    """Qwen3 with tied embeddings. `loss` is the only thing training needs."""

    def __init__(self, shape: ModelShape):
        super().__init__()
        self.shape = shape
        self.embed_tokens = nn.Embedding(shape.vocab_size, shape.hidden_size)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.num_hidden_layers))
        self.norm = RMSNorm(shape.hidden_size, shape.rms_norm_eps)
        self.apply(self._initialise)

    def _initialise(self, module: nn.Module) -> None:
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=module.in_features**-0.5)

    def hidden(self, tokens: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        return self.watch(tokens, cos, sin)[0]

    def watch(self, tokens: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, list[Tensor | None]]:
        """The hidden states and, of each layer, where its watched heads look: (rows, heads, from, to), as logarithms."""
        looks = []
        x = self.embed_tokens(tokens)
        if torch.is_autocast_enabled('cpu') or torch.is_autocast_enabled('cuda'):
            x = x.to(torch.bfloat16)
        for layer in self.layers:
            x, seen = layer(x, cos, sin)
            looks.append(seen)
        return self.norm(x), looks

    def loss(self, tokens: Tensor, targets: Tensor, positions: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Mean cross-entropy at the flat `positions` of the batch; prompts and padding cost no head."""
        hidden = self.hidden(tokens, cos, sin).flatten(0, 1)[positions]
        logits = F.linear(hidden, self.embed_tokens.weight).float()
        return F.cross_entropy(logits, targets, ignore_index=-100)
