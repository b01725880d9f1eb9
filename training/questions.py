"""Writes the held-out questions that ship with the model: python -m training.questions --items 400.

One JSON object a line: `{task, id, input, expected}`, and for the tasks that look something up `{task, page}` or
`{task, note}`, what there is to be found. Every question's key is on the held-out side of the split.
"""

import argparse
import gzip
import json
import random
from pathlib import Path

from .corpus import countdown, facts, notes, passages, problems, rephrase, solutions, style
from .corpus.base import HELD_OUT, draw
from .corpus.facts import fact_of

HERE = Path(__file__).parent
STEPS = solutions.STEPS[0]


def asked(problem):
    return solutions.ask(problems.tell(problem), STEPS)


def steps(rng):
    p = problems.problem(rng, HELD_OUT, "easy", 2, 6)
    return asked(p), str(p.answer)


def large(rng):
    p = problems.problem(rng, HELD_OUT, "hard", 2, 5)
    return asked(p), str(p.answer)


def garbled(rng):
    p = problems.problem(rng, HELD_OUT, "easy", 2, 6)
    return solutions.ask(rephrase.garbled(rng, p), STEPS), str(p.answer)


def passage(rng, hops=1):
    while True:
        small, _ = passages.small_world(rng, HELD_OUT)
        chosen = passages.choose_path(rng, small, hops)
        if chosen:
            break
    q = passages.query_of(chosen)
    text = " ".join(passages.tell_fact(*fact) for fact in small)
    return f"Passage: {text}\nQuestion: {passages.ask_fact(q.path, q.subject)}\nAnswer from the passage.", q.answer


def rare(rng):
    made = fact_of(rng, HELD_OUT, 40, 600)
    return made.prompt[-1][1], made.gold


def strange(rng):
    p, text, verb, kind, _ = notes.strange(rng, HELD_OUT)
    return solutions.ask(text, STEPS), str(p.answer), notes.meaning(rng, verb, kind)


def message(rng):
    m = draw(lambda: style.Message(rng.choice(style.THINGS), rng.choice(style.STATES)), HELD_OUT)
    reader = rng.choice(style.PEOPLE + [f"the {job}" for job in style.JOBS])
    return m.asked(reader), "polite"


def game(rng):
    g = countdown.game(rng, HELD_OUT, 4)
    return f"{countdown.state_text(g.numbers, g.target)}\n{countdown.ATTEMPT[0]}", f"{' '.join(map(str, g.numbers))} -> {g.target}"


TASKS = {
    "steps": steps,
    "large": large,
    "garbled": garbled,
    "passage": passage,
    "hops2": lambda rng: passage(rng, 2),
    "hops3": lambda rng: passage(rng, 3),
    "rare": rare,
    "strange": strange,
    "message": message,
    "countdown": game,
}


def pages():
    """The pages of an encyclopedia of the invented world: one a person, with all that is known of them."""
    w = facts.world()
    for person in w["persons"]:
        yield " ".join(facts.sentence(person, relation, value) for relation, value in w["facts"][person].items())


def lines(items):
    for name, make in TASKS.items():
        seen = set()
        i = 0
        while len(seen) < items and i < 40 * items:  # some families have fewer held-out questions than that
            found = make(random.Random(f"question/{name}/{i}"))
            i += 1
            if found[0] in seen:
                continue
            seen.add(found[0])
            yield {"task": name, "id": str(len(seen)), "input": found[0], "expected": found[1]}
            if len(found) > 2:
                yield {"task": name, "note": found[2]}
    for page in pages():
        yield {"task": "rare", "page": page}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=400)
    parser.add_argument("--out", default=str(HERE / "release" / "questions.jsonl.gz"))
    args = parser.parse_args()
    text = "".join(json.dumps(line) + "\n" for line in lines(args.items))
    # No time stamp in the header: the same questions are the same bytes.
    Path(args.out).write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{text.count(chr(10))} lines, {len(text)} bytes")


if __name__ == "__main__":
    main()
