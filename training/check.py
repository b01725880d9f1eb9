"""No held-out item is trained on: python -m training.check --documents 100000.

Goes through the training stream itself and compares three things with the held-out items that the evaluation asks: the keys
that decide the split, the whole prompts, and the invented names. Also checks that the tokenizer gives every text back.
"""

import argparse
import random
import re

from .build import HERE
from .corpus.base import HELD_OUT, split_of
from .corpus.facts import world
from .corpus.mix import document
from .evaluate import FAMILIES, held_out
from .tokenizer import Tokenizer

FREE = ("drill", "decompose", "rewrite")  # bare sums and one-word messages are shared by design; decompositions go by names


def prompt_of(made):
    return "\n".join(f"{role}: {text}" for role, text in made.prompt)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=100000)
    parser.add_argument("--total", type=int, default=900000)
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--seed", default="tiny")
    parser.add_argument("--tokenizer", default=str(HERE / "release" / "tokenizer.json"))
    args = parser.parse_args()
    prompts, names = {}, set()
    for family in FAMILIES:
        for made in held_out(family, args.items):
            if family not in FREE and made.keys:
                prompts[prompt_of(made)] = family
            names |= {key[5:] for key in made.keys if key.startswith("name ")}
    known = {name.lower() for name in world()["facts"]} | {name.lower() for name in world()["cities"]}
    names -= known
    tokenizer = Tokenizer.load(args.tokenizer)
    rng = random.Random("check")
    wrong_keys = same_prompts = seen_names = lost = 0
    for _ in range(args.documents):
        made = document(args.seed, rng.randrange(args.total), rng.random())
        wrong_keys += sum(split_of(key[5:] if key.startswith("name ") else key) == HELD_OUT for key in made.keys)
        same_prompts += prompt_of(made) in prompts
        text = "\n".join(text for _, text in made.turns)
        spoilt = made.family in ("rephrase", "rephrase-solve", "garbled")  # a misspelt word can look like a name
        seen_names += 0 if spoilt else len(names & {word.lower() for word in re.findall(r"[A-Za-z]+", text)})
        lost += tokenizer.decode(tokenizer.encode(text)) != text
    for _ in range(2000):
        data = rng.randbytes(rng.randrange(60))
        lost += tokenizer.decode_bytes(tokenizer.encode(data)) != data
    print(f"{args.documents} training documents against {len(prompts)} held-out prompts and {len(names)} held-out names:")
    print(f"keys on the wrong side {wrong_keys}, same prompts {same_prompts}, held-out names seen {seen_names}, texts lost {lost}")
    raise SystemExit(bool(wrong_keys or same_prompts or seen_names or lost))


if __name__ == "__main__":
    main()
