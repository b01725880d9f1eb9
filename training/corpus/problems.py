"""Multi-step word problems: what happens, the equations it needs, and how it can be told."""

from dataclasses import dataclass

from .base import TRAIN, draw
from .names import ITEMS, PEOPLE, pronoun

EASY = dict(start=(10, 99), change=(3, 60), boxes=(2, 9), each=(2, 12), times=(2, 4), top=999)
HARD = dict(start=(120, 980), change=(100, 900), boxes=(11, 39), each=(11, 49), times=(6, 19), top=99999)


@dataclass
class Problem:
    """`events` are (kind, numbers); `equations` are (a, operator, b, result) in the order a careful solver writes them."""

    person: str
    other: str
    item: str
    events: list
    equations: list
    size: str = "easy"

    @property
    def answer(self):
        return self.equations[-1][3]

    @property
    def key(self):
        return f"problem {self.item} " + ";".join(f"{kind} {' '.join(map(str, n))}" for kind, n in self.events)


def compute(a, operator, b):
    return {"+": a + b, "-": a - b, "*": a * b, "/": a // b if b and a % b == 0 else None}[operator]


def make_problem(rng, size="easy", least=2, most=7):
    """Draws events until the wanted number of equations is reached; None when a value leaves its range."""
    span = EASY if size == "easy" else HARD
    number = lambda what: rng.randint(*span[what])
    value = number("start")
    events, equations = [("start", (value,))], []
    wanted = rng.randint(least, most)

    def add(a, operator, b):
        result = compute(a, operator, b)
        if result is None or result < 1 or result > span["top"]:
            return None
        equations.append((a, operator, b, result))
        return result

    while len(equations) < wanted:
        kinds = ["gain", "gain", "lose", "lose", "times", "share"]
        kinds += ["boxes", "each"] if wanted - len(equations) >= 2 else []
        kind = rng.choice(kinds)
        if kind == events[-1][0] and rng.random() < 0.5:
            continue
        if kind in ("gain", "lose"):
            n = (number("change"),)
            result = add(value, "+" if kind == "gain" else "-", n[0])
        elif kind in ("times", "share"):
            n = (number("times"),)
            result = add(value, "*" if kind == "times" else "/", n[0])
        else:
            n = (number("boxes"), number("each"))
            inner = add(*(n[0], "*", n[1]))
            result = inner and add(value, "+" if kind == "boxes" else "-", inner)
            if inner and result is None:
                equations.pop()
        if result is None:
            if rng.random() < 0.05:
                return None
            continue
        value = result
        events.append((kind, n))
    events.append(("end", ()))
    if rng.random() < 0.3:
        events[-1] = ("sell", (rng.randint(2, 9) if size == "easy" else rng.randint(12, 49),))
        if add(value, "*", events[-1][1][0]) is None:
            return None
    elif rng.random() < 0.3:
        events[-1] = ("together", (number("change"),))
        more = add(value, "+", events[-1][1][0])
        if more is None or add(value, "+", more) is None:
            return None
    person, other = rng.sample(PEOPLE, 2)
    return Problem(person, other, rng.choice(ITEMS), events, equations, size)


def problem(rng, split=TRAIN, size="easy", least=2, most=7):
    return draw(lambda: make_problem(rng, size, least, most), split)


PLAIN = {
    "start": "{p} has {0} {i}.",
    "gain": "{s} gets {0} more.",
    "lose": "{s} loses {0}.",
    "times": "Then {l} has {0} times as many.",
    "share": "Then {l} keeps one of {0} equal parts.",
    "boxes": "{s} buys {0} boxes of {1}.",
    "each": "{s} gives {0} friends {1} each.",
    "end": "How many {i} does {p} have?",
    "sell": "{s} sells them for {0} coins each. How many coins does {p} get?",
    "together": "{o} has {0} more than {p}. How many do they have together?",
}
STORY = {
    "start": ["{p} starts with {0} {i}.", "At first {p} owns {0} {i}.", "There are {0} {i} in the bag of {p}."],
    "gain": ["{s} finds {0} more {i}.", "A friend brings {0} {i}.", "Then {l} buys {0} {i}.", "Next {0} {i} are added."],
    "lose": ["{s} eats {0} of them.", "{s} drops {0} {i}.", "Then {0} {i} are stolen.", "{s} gives {0} {i} away."],
    "times": ["The number of {i} grows {0} times.", "A trick makes {0} of every one.", "Soon there are {0} times as many {i}."],
    "share": ["The {i} are split into {0} equal piles and {l} takes one.", "{s} shares them evenly by {0} and keeps one share."],
    "boxes": ["Then {0} boxes with {1} {i} each arrive.", "{s} picks up {0} bags that hold {1} {i} each."],
    "each": ["Each of {0} children gets {1} {i} from {p}.", "{s} hands {1} {i} to each of {0} guests."],
    "end": ["How many {i} are there now?", "How many {i} does {p} have in the end?", "What number of {i} is left?"],
    "sell": ["Each one sells for {0} coins. How many coins is that?", "At {0} coins apiece, what does {p} earn?"],
    "together": ["{o} owns {0} {i} more than {p}. What do both have in total?"],
}


def tell(problem, style="plain", rng=None, number=str):
    """The problem as text: `plain` is one fixed wording, `story` varies it, `terse` is a note."""
    if style == "terse":
        return terse(problem, number)
    sentences = []
    for kind, numbers in problem.events:
        template = PLAIN[kind] if style == "plain" else rng.choice(STORY[kind])
        she = pronoun(problem.person)
        words = dict(p=problem.person, o=problem.other, i=problem.item, s=she, l=she.lower())
        sentences.append(template.format(*map(number, numbers), **words))
    return " ".join(sentences)


def terse(problem, number=str):
    signs = {"start": "{0}", "gain": "+{0}", "lose": "-{0}", "times": "times {0}", "share": "by {0}"}
    signs |= {"boxes": "+{0} of {1}", "each": "-{0} of {1}", "sell": "price {0}", "together": "{o} {0} more, both", "end": "now"}
    parts = [signs[kind].format(*map(number, numbers), o=problem.other) for kind, numbers in problem.events]
    return f"{problem.person}, {problem.item}: " + ", ".join(parts) + "?"


def any_style(rng, problem, plain=0.6):
    """Mostly the plain wording, else a story or a note, as found text varies."""
    roll = rng.random()
    style = "plain" if roll < plain else "story" if roll < plain + 0.8 * (1 - plain) else "terse"
    return tell(problem, style, rng)
