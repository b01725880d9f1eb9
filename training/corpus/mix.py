"""Which family comes how often, and the endless stream of training documents."""

import random

from . import countdown, facts, notes, passages, refine, rephrase, solutions, style, talk, textual
from .base import TRAIN, Document

# (generator, share of documents): tuned so that the shares of *tokens* are about those listed in the model card.
MIX = [
    (solutions.steps, 19.0),
    (solutions.drill, 6.0),
    (solutions.direct, 6.0),
    (solutions.calculator, 4.0),
    (solutions.large_steps, 1.5),
    (solutions.program, 4.5),
    (solutions.plan, 3.0),
    (textual.word_task, 2.5),
    (countdown.attempt, 20.0),
    (countdown.attempts, 2.0),
    (countdown.propose, 9.0),
    (countdown.value, 12.0),
    (countdown.tries, 0.0),
    (countdown.finish, 0.0),
    (facts.recall, 10.0),
    (facts.chain, 6.0),
    (facts.decompose, 2.0),
    (facts.step_back, 3.0),
    (passages.passage, 16.0),
    (passages.passage_split, 2.5),
    (passages.retrieved, 5.0),
    (passages.lookup, 7.0),
    (rephrase.rephrase, 16.0),
    (refine.refine, 10.0),
    (notes.note, 5.0),
    (style.style, 3.5),
    (style.rewrite, 1.0),
    (talk.talk, 3.5),
]
EARLY = {passages.lookup: 4.0, solutions.drill: 2.5, passages.passage: 1.5}  # more of these at first
# The part in which the rate falls makes up for what is behind: copying names it has never seen, notes, manners.
LATE = {passages.passage: 2.5, passages.passage_split: 1.5, passages.retrieved: 1.5, passages.lookup: 2.0, notes.note: 1.6}
LATE |= {style.style: 1.6, countdown.attempt: 0.4, countdown.propose: 0.8, countdown.value: 0.7}
# The last part, after the rate has fallen and risen once more: its own shares.
LAST = {solutions.steps: 14.0, solutions.drill: 3.0, solutions.direct: 3.0, solutions.calculator: 3.0, solutions.plan: 2.0}
LAST |= {countdown.attempt: 8.0, countdown.attempts: 1.0, countdown.propose: 10.0, countdown.value: 2.0}
LAST |= {countdown.tries: 16.0, countdown.finish: 8.0, facts.recall: 6.0, facts.chain: 4.0, passages.passage: 26.0}
LAST |= {passages.passage_split: 3.0, passages.retrieved: 10.0, refine.refine: 12.0, notes.note: 12.0, style.style: 9.0}
EARLY_UNTIL, LATE_FROM, LAST_FROM = 0.12, 5 / 11, 13 / 22
SHOWN = 0.04  # share of documents that show an example of the same kind first


def generator(rng, progress):
    late = LATE if LATE_FROM <= progress < LAST_FROM else {}
    more = EARLY if progress < EARLY_UNTIL else late
    last = LAST if progress >= LAST_FROM else {}
    weights = [last.get(make, share * more.get(make, 1.0)) for make, share in MIX]
    return rng.choices([make for make, _ in MIX], weights)[0]


def document(seed, index, progress=1.0):
    """Document `index` of the training stream: a function of the seed and the index only."""
    rng = random.Random(f"{seed}/{index}")
    make = generator(rng, progress)
    made = make(rng, TRAIN)
    if rng.random() < SHOWN and made.turns[0][0] == "user":
        shown = make(rng, TRAIN)
        if shown.turns[0][0] == "user":
            return Document(made.family, shown.turns + made.turns, made.gold, shown.keys + made.keys, made.data)
    return made
