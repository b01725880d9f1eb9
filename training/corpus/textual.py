"""Programs about words, where a program is exact and the head is not: reversing, counting and joining letters."""

from .base import TRAIN, chat, pick
from .names import ITEMS, JOBS, invented
from .solutions import DIRECT, PROGRAM


def word_task(rng, split=TRAIN):
    words = [invented(rng, split, capital=False) if rng.random() < 0.8 else rng.choice(ITEMS + JOBS) for _ in range(rng.randint(2, 4))]
    keys = [f"name {word}" for word in words if word not in ITEMS + JOBS]
    listing, array = ", ".join(f'"{w}"' for w in words), ",".join(f'"{w}"' for w in words)
    kind = rng.choice(("reverse", "length", "last", "first"))
    word = words[0]
    question, code, answer = {
        "reverse": (f'Reverse the word "{word}".', f'return [..."{word}"].reverse().join("");', word[::-1]),
        "length": (f'How many letters has "{word}"?', f'return "{word}".length;', str(len(word))),
        "last": (f"Join the last letters of {listing}.", f'return [{array}].map(w=>w.at(-1)).join("");', "".join(w[-1] for w in words)),
        "first": (f"Join the first letters of {listing}.", f'return [{array}].map(w=>w[0]).join("");', "".join(w[0] for w in words)),
    }[kind]
    keys = keys if kind in ("last", "first") else [k for k in keys if k == f"name {word}"]
    if rng.random() < 0.75:
        return chat("word-program", f"Question: {question}\n{pick(rng, PROGRAM, 0.7)}", code, answer, keys)
    return chat("word-direct", f"Question: {question}\n{pick(rng, DIRECT[:2], 0.7)}", f"Answer: {answer}", answer, keys)
