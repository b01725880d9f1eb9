"""Batched sampling from a decoder: prompts are padded on the left, every row keeps its own positions."""

import torch

from .model import Cache
from .tokenizer import END


@torch.no_grad()
def generate(model, tokenizer, prompts, n=1, temperature=0.0, limit=120, seed=0, batch=128, stop=None):
    """`n` texts for each prompt (lists of token ids); greedy at temperature 0. Returns a list of lists of texts."""
    random = torch.Generator().manual_seed(seed)
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    results = [None] * len(prompts)
    rows = max(1, batch // n)
    for at in range(0, len(order), rows):
        some = order[at : at + rows]
        texts = run([prompts[i] for i in some], model, n, temperature, limit, random, tokenizer, stop)
        for j, i in enumerate(some):
            results[i] = texts[j * n : (j + 1) * n]
    return results


def run(prompts, model, n, temperature, limit, random, tokenizer, stop):
    longest = max(map(len, prompts))
    tokens = torch.tensor([[END] * (longest - len(p)) + p for p in prompts])
    real = torch.tensor([[False] * (longest - len(p)) + [True] * len(p) for p in prompts])
    positions = (real.cumsum(1) - 1).clamp(min=0)
    cache = Cache(model.config, len(prompts), longest + limit)
    causal = torch.ones(longest, longest, dtype=torch.bool).tril()
    mask = causal[None, None] & real[:, None, None, :] | torch.eye(longest, dtype=torch.bool)[None, None]
    logits = model.step(tokens, positions, cache, mask)
    cache.repeat(n)
    logits, real = logits.repeat_interleave(n, 0), real.repeat_interleave(n, 0)
    position = positions[:, -1].repeat_interleave(n)
    outputs = [[] for _ in range(len(logits))]
    alive = torch.ones(len(logits), dtype=torch.bool)
    for _ in range(limit):
        if temperature == 0:
            chosen = logits.argmax(-1)
        else:
            chosen = torch.multinomial(torch.softmax(logits / temperature, -1), 1, generator=random)[:, 0]
        alive &= chosen != END
        if not alive.any():
            break
        for i in alive.nonzero()[:, 0].tolist():
            outputs[i].append(int(chosen[i]))
        if stop is not None:
            for i in alive.nonzero()[:, 0].tolist():
                if tokenizer.bytes[outputs[i][-1]].endswith(stop):
                    alive[i] = False
        position = position + 1
        real = torch.cat((real, torch.ones(len(real), 1, dtype=torch.bool)), 1)
        logits = model.step(chosen[:, None], position[:, None], cache, real[:, None, None, :])
    return [tokenizer.decode(ids) for ids in outputs]
