"""Held-out accuracy of every family, greedy and with one sample at T=1: python -m training.evaluate --items 200."""

import argparse
import json
import random
import re
from pathlib import Path

import torch

from .build import HERE
from .corpus import countdown, facts, notes, passages, refine, rephrase, solutions, style, talk, textual
from .corpus.base import HELD_OUT, chat, final_answer
from .corpus.facts import fact_of
from .generate import generate

# family in the table -> (generator, what its documents are called)
FAMILIES = {
    "steps": (solutions.steps, ("steps",)),
    "direct": (solutions.direct, ("direct",)),
    "large numbers, steps": (solutions.large_steps, ("large",)),
    "large numbers, calculator": (solutions.calculator, ("calculator",)),
    "program": (solutions.program, ("program",)),
    "words, program": (textual.word_task, ("word-program",)),
    "words, direct": (textual.word_task, ("word-direct",)),
    "plan": (solutions.plan, ("plan",)),
    "drill": (solutions.drill, ("drill",)),
    "countdown 3": (lambda rng, split: attempt_of(rng, split, 3), ("countdown",)),
    "countdown 4": (lambda rng, split: attempt_of(rng, split, 4), ("countdown",)),
    "countdown 5": (lambda rng, split: attempt_of(rng, split, 5), ("countdown",)),
    "value": (countdown.value, ("value",)),
    "every step tried": (countdown.tries, ("tries",)),
    "facts, frequent": (lambda rng, split: fact_of(rng, split, 0, 40), ("facts",)),
    "facts, rare": (lambda rng, split: fact_of(rng, split, 250, 600), ("facts",)),
    "facts, rare, passage": (lambda rng, split: fact_of(rng, split, 250, 600, True), ("facts",)),
    "hops, closed, direct": (facts.chain, ("hops-direct",)),
    "hops, closed, steps": (facts.chain, ("hops-steps",)),
    "decompose": (passages.passage_split, ("decompose",)),
    "step back": (facts.step_back, ("step-back",)),
    "yes or no": (facts.step_back, ("yes-no",)),
    "yes or no, facts given": (facts.step_back, ("yes-no-known",)),
    "passage": (passages.passage, ("passage",)),
    "passage, quote": (passages.passage, ("passage-quote",)),
    "passage, unknown": (passages.passage, ("passage-unknown",)),
    "passage, 2 hops": (passages.passage, ("passage-2hop",)),
    "passage, 2 hops, steps": (passages.passage, ("passage-2hop-steps",)),
    "passage, 3 hops": (passages.passage, ("passage-3hop",)),
    "passage, 3 hops, steps": (passages.passage, ("passage-3hop-steps",)),
    "lookup": (passages.lookup, ("lookup",)),
    "repeat": (passages.lookup, ("repeat",)),
    "rephrase": (rephrase.rephrase, ("rephrase",)),
    "garbled, steps": (lambda rng, split: rephrase.garbled_steps(rng, split), ("garbled",)),
    "garbled, rephrase and solve": (rephrase.rephrase, ("rephrase-solve",)),
    "critique": (refine.refine, ("critique",)),
    "revise": (refine.refine, ("revise",)),
    "improve": (refine.refine, ("improve",)),
    "judge": (refine.refine, ("judge",)),
    "notes": (notes.note, ("notes",)),
    "notes missing": (notes.note, ("notes-missing",)),
    "note asked for": (notes.note, ("note-ask",)),
    "style": (style.style, ("style",)),
    "style shown": (style.style, ("style-shown",)),
    "prefer": (style.style, ("prefer",)),
    "rewrite": (style.rewrite, ("rewrite",)),
    "chat": (talk.talk, ("chat",)),
}
QUICK = ["steps", "direct", "large numbers, calculator", "program", "countdown 3", "countdown 4", "value", "facts, frequent", "facts, rare"]
QUICK += ["facts, rare, passage", "decompose", "passage", "passage, 2 hops", "passage, 2 hops, steps", "lookup", "repeat", "rephrase"]
QUICK += ["garbled, steps", "critique", "revise", "notes", "style"]


def attempt_of(rng, split, count):
    g = countdown.game(rng, split, count)
    user = f"{countdown.state_text(g.numbers, g.target)}\n{countdown.ATTEMPT[0]}"
    return chat("countdown", user, "", g.target, [g.key], numbers=g.numbers)


def held_out(name, count, seed="held-out"):
    """`count` held-out documents of a family in the table."""
    make, called = FAMILIES[name]
    found, i = [], 0
    while len(found) < count:
        made = make(random.Random(f"{seed}/{name}/{i}"), HELD_OUT)
        i += 1
        if made.family in called:
            found.append(made)
    return found


def run_program(text):
    """The value of a program of the corpus: `let` lines of one operation each, then `return`."""
    known = {}
    for line in text.split("\n"):
        hit = re.fullmatch(r"let ([a-z])=(\w+)(?:([-+*/])(\w+))?;", line)
        if hit:
            name, a, operator, b = hit.groups()
            x, y = (known.get(v, int(v) if v and v.isdigit() else None) for v in (a, b))
            if x is None or (operator and y is None):
                return None
            known[name] = x if not operator else {"+": x + y, "-": x - y, "*": x * y, "/": x / y if y else None}[operator]
            continue
        hit = re.fullmatch(r"return ([a-z]);", line)
        return known.get(hit.group(1)) if hit else None


def correct(made, text):
    """Whether a text does what the document asks for; exact, no model involved."""
    family, reference = made.family, made.turns[-1][1]
    if family == "countdown":
        return countdown.verify(text, made.data["numbers"], int(made.gold))
    if family == "program":
        return run_program(text) == int(made.gold)
    if family in ("word-program", "decompose", "step-back", "rephrase", "drill"):
        return text.strip() == reference
    if family == "critique":
        return text.strip().endswith(f"Verdict: {made.gold}")
    if family in ("style", "style-shown", "rewrite"):
        return style.manner_of(text) == made.gold
    if family == "note-ask":
        return made.gold in text
    return final_answer(text) == made.gold


def with_calculator(model, tokenizer, documents, temperature, seed):
    """Lets every chat call the calculator until it answers, at most eight times."""
    chats = [[made.turns[0]] for made in documents]
    done = [None] * len(chats)
    for turn in range(8):
        open_ = [i for i, text in enumerate(done) if text is None]
        if not open_:
            break
        prompts = [tokenizer.encode_prompt(chats[i]) for i in open_]
        for i, (text,) in zip(open_, generate(model, tokenizer, prompts, 1, temperature, 24, seed + turn)):
            hit = re.fullmatch(r"Call: (\d+)([-+*/])(\d+)", text)
            if not hit:
                done[i] = text
                continue
            a, operator, b = int(hit[1]), hit[2], int(hit[3])
            result = {"+": a + b, "-": a - b, "*": a * b, "/": a // b if b and a % b == 0 else 0}[operator]
            chats[i] += [("assistant", text), ("tool", str(result))]
    return [text or "" for text in done]


def answers(model, tokenizer, documents, temperature=0.0, seed=0, n=1, limit=150):
    if documents[0].family == "calculator":
        return [[text] for text in with_calculator(model, tokenizer, documents, temperature, seed)]
    prompts = [tokenizer.encode_prompt(made.prompt) for made in documents]
    return generate(model, tokenizer, prompts, n, temperature, limit, seed)


def accuracy(model, tokenizer, documents, temperature=0.0, seed=0):
    texts = answers(model, tokenizer, documents, temperature, seed)
    return sum(correct(made, text) for made, (text,) in zip(documents, texts)) / len(documents)


def quick(model, tokenizer, count):
    """Greedy accuracy in per cent on a few families, for the training log."""
    return {name: round(100 * accuracy(model, tokenizer, held_out(name, count))) for name in QUICK}


def main():
    from .tokenizer import Tokenizer
    from .train import load_model

    parser = argparse.ArgumentParser()
    parser.add_argument("--work", default=str(HERE / ".work"))
    parser.add_argument("--weights", default="", help="a checkpoint, or the exported weights file; default the last checkpoint")
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--only", default="")
    parser.add_argument("--show", type=int, default=0, help="print this many wrong answers a family")
    args = parser.parse_args()
    torch.set_num_threads(2)
    tokenizer = Tokenizer.load(Path(args.work) / "tokenizer.json")
    path = args.weights or str(Path(args.work) / "tiny.pt")
    if path.endswith(".pt"):
        model, _ = load_model(path)
    else:
        from .export import read

        model, tokenizer = read(path)
    table = {}
    print("| family | greedy | one sample, T=1 |\n|---|---|---|")
    for name in FAMILIES:
        if args.only and args.only not in name:
            continue
        documents = held_out(name, args.items)
        texts = answers(model, tokenizer, documents)
        right = [correct(made, text) for made, (text,) in zip(documents, texts)]
        sampled = accuracy(model, tokenizer, documents, 1.0, 1)
        table[name] = {"greedy": round(100 * sum(right) / len(right), 1), "sample": round(100 * sampled, 1)}
        print(f"| {name} | {table[name]['greedy']} | {table[name]['sample']} |", flush=True)
        wrong = [i for i, ok in enumerate(right) if not ok][: args.show]
        for i in wrong:
            print(documents[i].prompt[-1][1], "\n>>>", texts[i][0], "\n===", documents[i].gold or documents[i].turns[-1][1], "\n")
    (Path(args.work) / "families.json").write_text(json.dumps({"items": args.items, "accuracy": table}, indent=1))


if __name__ == "__main__":
    main()
