"""Trains the decoder on the tokenised stream, one pass: python -m training.train --tokens 60000000.

Hidden matrices are updated by Muon (momentum made orthogonal by Newton-Schulz), the rest by AdamW. The rate warms up, stays,
and falls linearly to zero. A checkpoint holds everything; starting again continues where it stopped.
"""

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from .build import HERE
from .model import Block, Config, Decoder
from .tokenizer import Tokenizer

LONGEST = 512  # tokens of a row
JOIN = 40  # every so often documents are joined into one long row, so that late positions are learnt too


class Stream:
    """The documents of all chunks in order, handed out as steps of about `size` tokens; `at` is the next document."""

    def __init__(self, folder, size, at=0):
        self.paths = sorted(Path(folder).glob("*.npz"))
        self.size, self.at = size, at
        self.chunks = [int(path.stem) for path in self.paths]
        counts = [len(np.load(path)["lengths"]) for path in self.paths]
        self.starts = np.concatenate(([0], np.cumsum(counts)))
        self.loaded = None

    def documents(self):
        while self.at < self.starts[-1]:
            which = int(np.searchsorted(self.starts, self.at, "right")) - 1
            if self.loaded is None or self.loaded[0] != which:
                data = np.load(self.paths[which])
                ends = np.cumsum(data["lengths"].astype(np.int64))
                self.loaded = (which, data["ids"].astype(np.int64), data["weights"], ends)
            _, ids, weights, ends = self.loaded
            i = self.at - int(self.starts[which])
            first = int(ends[i - 1]) if i else 0
            self.at += 1
            yield ids[first : ends[i]], weights[first : ends[i]]

    def step(self, groups=14):
        """Inputs, targets and weights; documents of similar length share a padded matrix."""
        found, row, tokens = [], None, 0
        for ids, weights in self.documents():
            tokens += len(ids)
            if row and len(row[0]) + len(ids) < LONGEST:
                row = (np.concatenate((row[0], ids)), np.concatenate((row[1], weights)))
            else:
                found += [row] if row else []
                row = (ids, weights) if self.at % JOIN == 0 else None
                found += [] if row else [(ids, weights)]
            if tokens >= self.size:
                break
        found += [row] if row else []
        if not found:
            return None
        found.sort(key=lambda document: len(document[0]))
        inputs, targets, weights = [], [], []
        bounds = np.linspace(0, len(found), min(groups, len(found)) + 1).astype(int)
        for a, b in zip(bounds, bounds[1:]):
            longest = max(len(ids) for ids, _ in found[a:b])
            table = np.zeros((3, b - a, longest - 1), np.int64)
            for row, (ids, weight) in enumerate(found[a:b]):
                table[0, row, : len(ids) - 1], table[1, row, : len(ids) - 1] = ids[:-1], ids[1:]
                table[2, row, : len(ids) - 1] = weight[1:]
            inputs.append(torch.from_numpy(table[0]))
            targets.append(torch.from_numpy(table[1].reshape(-1)))
            weights.append(torch.from_numpy(table[2].reshape(-1)))
        return inputs, torch.cat(targets), torch.cat(weights).float() / 100, tokens


def orthogonal(matrices, steps=5):
    """Newton-Schulz on a batch of wide or square matrices: all singular values towards 1."""
    x = matrices / (matrices.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        square = x @ x.mT
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x


class Muon:
    """Momentum on each hidden matrix (q, k and v, gate and up each on their own), made orthogonal before it is applied."""

    def __init__(self, model, momentum=0.95, decay=0.1):
        self.parts = {}
        for i, block in enumerate(model.blocks):
            for name, pieces in (("qkv", 3), ("output", 1), ("gate_up", 2), ("down", 1)):
                self.parts[f"{i}.{name}"] = (getattr(block, name), pieces)
        self.memory = {name: torch.zeros_like(weight) for name, (weight, _) in self.parts.items()}
        self.momentum, self.decay = momentum, decay

    @torch.no_grad()
    def step(self, rate):
        batches = {}
        for name, (weight, pieces) in self.parts.items():
            memory = self.memory[name].lerp_(weight.grad, 1 - self.momentum)
            update = weight.grad.lerp(memory, self.momentum)
            for target, piece in zip(weight.chunk(pieces), update.chunk(pieces)):
                tall = piece.shape[0] > piece.shape[1]
                batches.setdefault(tuple(sorted(piece.shape)), []).append((target, piece.mT if tall else piece, tall))
        for pieces in batches.values():
            for (target, _, tall), update in zip(pieces, orthogonal(torch.stack([piece for _, piece, _ in pieces]))):
                update = update.mT if tall else update
                scale = max(1.0, update.shape[0] / update.shape[1]) ** 0.5
                target.mul_(1 - rate * self.decay).add_(update, alpha=-rate * scale)


def schedule(progress, warm=0.01, flat=0.45):
    """1 between `warm` and `flat`, then down to 0."""
    return min(1.0, progress / warm + 0.02, max(0.0, (1 - progress) / (1 - flat)))


def rate_at(tokens, total, again, peak=0.4):
    """The whole schedule up to `again` tokens; from there a second, lower rise and fall up to `total`."""
    if tokens < again:
        return schedule(tokens / again)
    return peak * schedule((tokens - again) / max(1, total - again), flat=0.05)


def save(path, model, muon, adam, state):
    body = {"model": model.state_dict(), "muon": muon.memory, "adam": adam.state_dict(), "state": state, "config": model.config.as_dict()}
    torch.save(body, str(path) + ".part")
    os.replace(str(path) + ".part", path)


def load_model(path):
    body = torch.load(path, weights_only=False)
    model = Decoder(Config(**body["config"]))
    model.load_state_dict(body["model"])
    return model, body


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", default=str(HERE / ".work"))
    parser.add_argument("--name", default="tiny")
    parser.add_argument("--tokens", type=float, default=40e6, help="the length of the schedule")
    parser.add_argument("--again", type=float, default=1e12, help="where the rate rises once more")
    parser.add_argument("--step", type=int, default=4096, help="tokens in a step")
    parser.add_argument("--stop", type=float, default=1e12, help="leave after this many tokens")
    parser.add_argument("--rate", type=float, default=0.015)
    parser.add_argument("--adam", type=float, default=0.003)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--hidden", type=int, default=352)
    parser.add_argument("--every", type=float, default=4e6, help="tokens between held-out accuracies")
    parser.add_argument("--plain", action="store_true", help="no torch.compile")
    args = parser.parse_args()
    torch.set_num_threads(2)
    torch.manual_seed(1)
    work = Path(args.work)
    path = work / f"{args.name}.pt"
    (work / f"{args.name}.pid").write_text(str(os.getpid()))
    tokenizer = Tokenizer.load(work / "tokenizer.json")
    model = Decoder(Config(tokenizer.size, args.width, args.layers, args.heads, args.hidden))
    state = {"tokens": 0, "at": 0, "steps": 0, "seconds": 0.0, "next": args.every}
    muon = Muon(model)
    hidden = {id(weight) for weight, _ in muon.parts.values()}
    rest = [p for p in model.parameters() if id(p) not in hidden]
    others = [p for p in rest if p is not model.embedding]
    rest = [{"params": [model.embedding], "scale": 3.0}, {"params": others, "scale": 1.0}]
    adam = torch.optim.AdamW(rest, lr=args.adam, betas=(0.9, 0.98), eps=1e-10, weight_decay=0.0)
    if path.exists():
        body = torch.load(path, weights_only=False)
        model.load_state_dict(body["model"])
        muon.memory = body["muon"]
        adam.load_state_dict(body["adam"])
        state = body["state"]
    if not args.plain:
        Block.before_attention = torch.compile(Block.before_attention, dynamic=True)
        Block.after_attention = torch.compile(Block.after_attention, dynamic=True)
    stream = Stream(work / "data", args.step, state["at"])
    log = open(work / f"{args.name}.log.jsonl", "a")
    print(f"{sum(p.numel() for p in model.parameters())} parameters, from token {state['tokens']}", flush=True)
    mean, started = None, time.time()
    while state["tokens"] < min(args.tokens, args.stop):
        batch = stream.step()
        if batch is None:
            break
        inputs, targets, weights, tokens = batch
        rate = rate_at(state["tokens"], args.tokens, min(args.again, args.tokens))
        losses = F.cross_entropy(model(inputs), targets, reduction="none")
        (losses * weights).sum().div(weights.sum()).backward()
        full = weights == 1
        loss = float(losses.detach()[full].mean())
        muon.step(args.rate * rate)
        for group in adam.param_groups:
            group["lr"] = args.adam * rate * group["scale"]
        adam.step()
        for parameter in model.parameters():
            parameter.grad = None
        mean = loss if mean is None else 0.98 * mean + 0.02 * loss
        now = time.time()
        state.update(tokens=state["tokens"] + tokens, at=stream.at, steps=state["steps"] + 1, seconds=state["seconds"] + now - started)
        started = now
        if state["steps"] % 50 == 0:
            line = {"tokens": state["tokens"], "loss": round(mean, 4), "rate": round(rate, 3), "seconds": round(state["seconds"])}
            print(json.dumps(line), file=log, flush=True)
            print(line, flush=True)
        if state["steps"] % 100 == 0:
            save(path, model, muon, adam, state)
        if state["tokens"] >= state["next"]:
            from .evaluate import quick

            state["next"] += args.every
            line = {"tokens": state["tokens"], "held_out": quick(model, tokenizer, 40)}
            print(json.dumps(line), file=log, flush=True)
            print(line, flush=True)
            started = time.time()
    save(path, model, muon, adam, state)
    print(f"done: {state}", flush=True)


if __name__ == "__main__":
    main()
