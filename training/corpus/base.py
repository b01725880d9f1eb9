"""What a document is, and how the held-out split is made."""

import hashlib
from dataclasses import dataclass, field

TRAIN, HELD_OUT = "train", "held-out"
HELD_OUT_SHARE = 16  # one key in sixteen is never trained on


@dataclass
class Document:
    """A chat of (role, text) turns that ends with the assistant's text; `data` carries what a verifier needs."""

    family: str
    turns: list
    gold: str = ""
    keys: tuple = ()
    data: dict = field(default_factory=dict)

    @property
    def prompt(self):
        return self.turns[:-1]


def split_of(key):
    """The side of the split a problem, a name or a state belongs to: a hash of its key, nothing else."""
    return HELD_OUT if hashlib.sha256(key.encode()).digest()[0] % HELD_OUT_SHARE == 0 else TRAIN


def draw(make, split, attempts=10000):
    """Calls `make()` until the thing made has a key on the wanted side of the split."""
    for _ in range(attempts):
        made = make()
        if made is not None and split_of(made.key) == split:
            return made
    raise RuntimeError("draw: no item of the wanted split; widen the generator")


def chat(family, user, assistant, gold="", keys=(), system=None, **data):
    """A one-turn document."""
    turns = ([("system", system)] if system else []) + [("user", user), ("assistant", assistant)]
    return Document(family, turns, str(gold), tuple(keys), data)


def pick(rng, options, first=0.5):
    """The first option with probability `first` (the documented wording), else any of the others."""
    if len(options) == 1 or rng.random() < first:
        return options[0]
    return rng.choice(options[1:])


def final_answer(text):
    """What follows the last `Answer:`, without a closing full stop; empty when there is none."""
    head, mark, tail = text.rpartition("Answer:")
    return tail.strip().split("\n")[0].rstrip(".").strip() if mark else ""
