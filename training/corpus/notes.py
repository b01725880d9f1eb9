"""Notes that apply to the question at hand: what a strange word means, and which mistake was made last time."""

from .base import TRAIN, chat, pick
from .names import invented
from .problems import PLAIN, problem
from .names import pronoun
from .solutions import STEPS, ask, steps_text, worked

ADDING = ("to get", "to find", "to buy")
TAKING = ("to lose", "to give away", "to eat")


def strange(rng, split):
    """A problem told with one strange verb for getting or losing; returns its text, the verb and what it means."""
    while True:
        p = problem(rng, split, least=2, most=5)
        places = [i for i, (kind, _) in enumerate(p.events) if kind in ("gain", "lose")]
        if places:
            break
    verb = invented(rng, split, capital=False)
    at = rng.choice(places)
    kind, numbers = p.events[at]
    sentences = []
    for i, (k, n) in enumerate(p.events):
        she = pronoun(p.person)
        template = "{s} has to {verb} {0}." if i == at else PLAIN[k]
        sentences.append(template.format(*n, p=p.person, o=p.other, i=p.item, s=she, l=she.lower(), verb=verb))
    return p, " ".join(sentences), verb, kind, at


def meaning(rng, verb, kind):
    return f"to {verb} means {rng.choice(ADDING if kind == 'gain' else TAKING)}"


def other_note(rng, split):
    return meaning(rng, invented(rng, split, capital=False), rng.choice(("gain", "lose")))


def note(rng, split=TRAIN):
    """With the right note among others the word is known; without it the writer can only guess."""
    p, text, verb, kind, at = strange(rng, split)
    keys = [p.key, f"name {verb}"]
    roll = rng.random()
    if roll < 0.12:
        user = f"{ask(text)}\nIs a word unclear?"
        return chat("note-ask", user, f"Answer: what does to {verb} mean", verb, keys)
    lines = [other_note(rng, split) for _ in range(rng.choice((0, 0, 1, 2, 3)))]
    known = roll < 0.75
    if known:
        lines.append(meaning(rng, verb, kind))
    rng.shuffle(lines)
    guessed = p if known or rng.random() < 0.5 else flipped(p, at)
    solved = steps_text(worked(rng, guessed or p, 0.02))
    head = "".join(f"Note: {line}.\n" for line in lines)
    user = f"{head}{ask(text)}\n{pick(rng, STEPS, 0.8)}"
    return chat("notes" if known else "notes-missing", user, solved, p.answer, keys, meaning=meaning(rng, verb, kind))


def flipped(p, at):
    """The problem as read by someone who takes the strange verb the wrong way round; None when a value leaves its range."""
    from dataclasses import replace

    events = list(p.events)
    kind, numbers = events[at]
    events[at] = ("lose" if kind == "gain" else "gain", numbers)
    equations, value = [], events[0][1][0]
    for kind, n in events[1:]:
        if kind in ("boxes", "each"):
            equations.append((n[0], "*", n[1], n[0] * n[1]))
            n = (n[0] * n[1],)
        operator = {"gain": "+", "lose": "-", "times": "*", "share": "/", "boxes": "+", "each": "-", "sell": "*"}.get(kind)
        if kind == "end":
            continue
        if kind == "together":
            equations.append((value, "+", n[0], value + n[0]))
            equations.append((value, "+", value + n[0], 2 * value + n[0]))
            continue
        if operator == "/" and value % n[0]:
            return None
        result = {"+": value + n[0], "-": value - n[0], "*": value * n[0], "/": value // n[0]}[operator]
        if result < 1:
            return None
        equations.append((value, operator, n[0], result))
        value = result
    return replace(p, events=events, equations=equations)
