"""The decoder: Llama-style (RMSNorm, RoPE on neighbouring pairs, SwiGLU, no biases, untied output).

Everything that acts on single tokens runs on one flat [tokens, width] tensor; only attention looks at the
(batch, length) groups, so documents of different lengths share a step with almost no padding.
"""

import math
from dataclasses import asdict, dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass(frozen=True)
class Config:
    """The shape of the model; everything the runtimes need to rebuild it."""

    vocabulary: int = 1024
    width: int = 128
    layers: int = 6
    heads: int = 4
    hidden: int = 352
    context: int = 1024
    rope_base: float = 10000.0
    norm_epsilon: float = 1e-5

    @property
    def head_width(self):
        return self.width // self.heads

    def as_dict(self):
        return asdict(self)


def rms_norm(x, gain, epsilon):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + epsilon) * gain


def rotate(x, cos, sin):
    """Rotates pairs (2i, 2i+1) of every head; x is [tokens, heads, head_width], cos and sin [tokens, head_width / 2]."""
    even, odd = x[..., 0::2], x[..., 1::2]
    cos, sin = cos[:, None, :], sin[:, None, :]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        width, hidden = config.width, config.hidden
        self.attention_norm = nn.Parameter(torch.ones(width))
        self.qkv = nn.Parameter(torch.empty(3 * width, width))
        self.output = nn.Parameter(torch.empty(width, width))
        self.mlp_norm = nn.Parameter(torch.ones(width))
        self.gate_up = nn.Parameter(torch.empty(2 * hidden, width))
        self.down = nn.Parameter(torch.empty(width, hidden))

    def before_attention(self, x, cos, sin):
        config = self.config
        h = rms_norm(x, self.attention_norm, config.norm_epsilon)
        q, k, v = F.linear(h, self.qkv).view(-1, 3, config.heads, config.head_width).unbind(1)
        return rotate(q, cos, sin), rotate(k, cos, sin), v.contiguous()

    def after_attention(self, x, mixed):
        x = x + F.linear(mixed, self.output)
        h = rms_norm(x, self.mlp_norm, self.config.norm_epsilon)
        gate, up = F.linear(h, self.gate_up).chunk(2, -1)
        return x + F.linear(F.silu(gate) * up, self.down)


class Decoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embedding = nn.Parameter(torch.empty(config.vocabulary, config.width))
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.final_norm = nn.Parameter(torch.ones(config.width))
        self.head = nn.Parameter(torch.empty(config.vocabulary, config.width))
        half = config.head_width // 2
        frequency = config.rope_base ** (-torch.arange(half, dtype=torch.float64) / half)
        angle = torch.arange(config.context, dtype=torch.float64)[:, None] * frequency
        self.register_buffer("cos", angle.cos().float(), persistent=False)
        self.register_buffer("sin", angle.sin().float(), persistent=False)
        self.reset()

    def reset(self):
        """Embeddings start as large as what the layers will add, else a token's identity drowns and copying is not learnt."""
        nn.init.normal_(self.embedding, std=1.0)
        nn.init.normal_(self.head, std=0.02)
        for block in self.blocks:
            for weight in (block.qkv, block.gate_up):
                nn.init.normal_(weight, std=0.5 / math.sqrt(weight.shape[1]))
            for weight in (block.output, block.down):
                nn.init.zeros_(weight)

    def forward(self, groups):
        """Next-token logits, flat, for groups of token matrices [batch, length]; every row starts at position 0."""
        positions = torch.cat([torch.arange(g.shape[1]).repeat(g.shape[0]) for g in groups])
        cos, sin = self.cos[positions], self.sin[positions]
        x = F.embedding(torch.cat([g.reshape(-1) for g in groups]), self.embedding)
        sizes = [g.numel() for g in groups]
        for block in self.blocks:
            q, k, v = block.before_attention(x, cos, sin)
            mixed = [
                attend(*(t.view(*g.shape, *t.shape[1:]) for t in parts))
                for g, *parts in zip(groups, q.split(sizes), k.split(sizes), v.split(sizes))
            ]
            x = block.after_attention(x, torch.cat(mixed))
        return self.logits(x)

    def logits(self, x):
        return F.linear(rms_norm(x, self.final_norm, self.config.norm_epsilon), self.head)

    def step(self, tokens, positions, cache, mask):
        """Reads tokens [batch, new] at their positions into the cache; returns the logits after the last of them.

        `mask` [batch, 1, new, all] says which cached places each new token may look at.
        """
        batch, new = tokens.shape
        cos, sin = self.cos[positions.reshape(-1)], self.sin[positions.reshape(-1)]
        x = F.embedding(tokens.reshape(-1), self.embedding)
        until = cache.length + new
        for i, block in enumerate(self.blocks):
            q, k, v = (t.view(batch, new, *t.shape[1:]).transpose(1, 2) for t in block.before_attention(x, cos, sin))
            cache.keys[i][:, :, cache.length : until] = k
            cache.values[i][:, :, cache.length : until] = v
            mixed = F.scaled_dot_product_attention(q, cache.keys[i][:, :, :until], cache.values[i][:, :, :until], attn_mask=mask)
            x = block.after_attention(x, mixed.transpose(1, 2).reshape(batch * new, -1))
        cache.length = until
        return self.logits(x.view(batch, new, -1)[:, -1])


class Cache:
    """Keys and values of a batch, allocated once for its longest text."""

    def __init__(self, config, batch, room):
        shape = (batch, config.heads, room, config.head_width)
        self.keys = [torch.zeros(shape) for _ in range(config.layers)]
        self.values = [torch.zeros(shape) for _ in range(config.layers)]
        self.length = 0

    def repeat(self, times):
        self.keys = [t.repeat_interleave(times, 0) for t in self.keys]
        self.values = [t.repeat_interleave(times, 0) for t in self.values]


def attend(q, k, v):
    """Causal attention on [batch, length, heads, head_width]; returns [batch * length, width]."""
    mixed = F.scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), is_causal=True)
    return mixed.transpose(1, 2).reshape(q.shape[0] * q.shape[1], -1)
