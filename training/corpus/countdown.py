"""Countdown and the Game of 24: attempts that succeed or fail, single proposals, and estimates of a state."""

from dataclasses import dataclass
from functools import lru_cache

from .base import TRAIN, chat, draw, pick

ATTEMPT = ["Reach the target.", "Make the target from the numbers.", "Find a way to the target."]
PROPOSE = ["Propose one step.", "Give a first step."]
VALUE = ["Can the target be reached?", "Is the target still possible?"]
AGAIN = ["Try until it works."]
TRY = ["Try every step."]
LARGEST = 150


@dataclass
class Game:
    numbers: tuple
    target: int

    @property
    def key(self):
        return f"game {' '.join(map(str, sorted(self.numbers)))} -> {self.target}"


def moves(numbers):
    """Every (text, next numbers) one operation away: larger number first, no zero, no fraction."""
    found = []
    for i in range(len(numbers)):
        for j in range(i + 1, len(numbers)):
            a, b = max(numbers[i], numbers[j]), min(numbers[i], numbers[j])
            rest = numbers[:i] + numbers[i + 1 : j] + numbers[j + 1 :]
            results = [("+", a + b), ("*", a * b)] + ([("-", a - b)] if a > b else [])
            if a % b == 0:
                results.append(("/", a // b))
            found += [((a, o, b, r), rest + (r,)) for o, r in results if r <= LARGEST]
    return found


@lru_cache(maxsize=200000)
def solvable(numbers, target):
    """Whether the (sorted) numbers reach the target, each used once."""
    if len(numbers) == 1:
        return numbers[0] == target
    return any(solvable(tuple(sorted(after)), target) for _, after in moves(numbers))


def good_moves(numbers, target):
    return [move for move in moves(numbers) if solvable(tuple(sorted(move[1])), target)]


def make_game(rng, count, solved=True):
    top = 13 if count <= 4 else 10
    numbers = tuple(rng.randint(1, top) for _ in range(count))
    target = 24 if rng.random() < 0.4 else rng.randint(10, 60)
    if solved and not solvable(tuple(sorted(numbers)), target):
        return None
    return Game(numbers, target)


def size(rng):
    return rng.choices((3, 4, 5, 6), (0.42, 0.43, 0.11, 0.04))[0]


def game(rng, split=TRAIN, count=None):
    count = count or size(rng)
    return draw(lambda: make_game(rng, count), split)


def state_text(numbers, target):
    return f"Numbers: {' '.join(map(str, numbers))}\nTarget: {target}"


def step_text(move, rng=None, slips=0.0):
    (a, operator, b, result), after = move
    if rng and rng.random() < slips:
        wrong = max(1, result + rng.choice((-1, 1, 2, -10, 10)))
        after, result = after[:-1] + (wrong,), wrong
    return f"{a}{operator}{b}={result}" + (f" left {' '.join(map(str, after))}" if len(after) > 1 else ""), after


def play(rng, numbers, target, skill, slips=0.02):
    """One attempt: at each step a good move with probability `skill` where there is one, else any move."""
    lines = []
    while len(numbers) > 1:
        good = good_moves(numbers, target) if rng.random() < skill else []
        text, numbers = step_text(rng.choice(good or moves(numbers)), rng, slips)
        lines.append(text)
    return lines, numbers[0]


def attempt(rng, split=TRAIN):
    """Worked attempts as found: many end at the wrong number and say so."""
    g = game(rng, split)
    skill = 1.0 if rng.random() < 0.6 else 0.3
    lines, reached = play(rng, g.numbers, g.target, skill)
    user = f"{state_text(g.numbers, g.target)}\n{pick(rng, ATTEMPT, 0.8)}"
    return chat("countdown", user, "\n".join(lines) + f"\nAnswer: {reached}", g.target, [g.key], numbers=g.numbers)


def attempts(rng, split=TRAIN):
    """Several attempts in one text, the last one right."""
    g = game(rng, split, rng.choice((3, 3, 4)))
    texts = []
    for _ in range(rng.randint(1, 2)):
        lines, reached = play(rng, g.numbers, g.target, 0.3, 0)
        if reached == g.target:
            break
        texts.append("\n".join(lines) + "\nNo.")
    lines, reached = play(rng, g.numbers, g.target, 1.0, 0)
    texts.append("\n".join(lines) + f"\nYes.\nAnswer: {reached}")
    user = f"{state_text(g.numbers, g.target)}\n{pick(rng, AGAIN)}"
    return chat("countdown-again", user, "\n".join(texts), g.target, [g.key], numbers=g.numbers)


def propose(rng, split=TRAIN):
    """One step from a state of play; two in three proposals keep the target in reach."""
    count = rng.choices((2, 3, 4, 5), (0.2, 0.35, 0.35, 0.1))[0]
    g = draw(lambda: make_state(rng, count, True), split) if count < 4 else game(rng, split, count)
    good = good_moves(g.numbers, g.target) if rng.random() < 0.65 else []
    text, _ = step_text(rng.choice(good or moves(g.numbers)), rng, 0.01)
    return chat("propose", f"{state_text(g.numbers, g.target)}\n{pick(rng, PROPOSE, 0.8)}", text, "", [g.key], numbers=g.numbers)


def value(rng, split=TRAIN):
    """Whether a state can still reach the target; with two numbers left every outcome is tried first."""
    count = rng.choices((1, 2, 3, 4), (0.07, 0.48, 0.38, 0.07))[0]
    wanted = rng.random() < 0.5
    g = draw(lambda: make_state(rng, count, wanted), split)
    truth = "yes" if solvable(tuple(sorted(g.numbers)), g.target) else "no"
    told = truth if rng.random() < 0.96 else ("no" if truth == "yes" else "yes")
    work = "".join(step_text(move)[0] + "\n" for move in moves(g.numbers)) if count == 2 else ""
    user = f"{state_text(g.numbers, g.target)}\n{pick(rng, VALUE, 0.8)}"
    return chat("value", user, f"{work}Answer: {told}", truth, [g.key], numbers=g.numbers)


def tries(rng, split=TRAIN):
    """One or two numbers left: every outcome is tried and compared with the target where it is written."""
    count = 2 if rng.random() < 0.85 else 1
    wanted = rng.random() < 0.5
    g = draw(lambda: make_state(rng, count, wanted), split)
    outcomes = [step_text(move)[0].split("=") for move in moves(g.numbers)] if count == 2 else [("", str(g.numbers[0]))]
    lines = [f"{head}{'=' if head else ''}{result} {'yes' if int(result) == g.target else 'no'}" for head, result in outcomes]
    truth = "yes" if solvable(tuple(sorted(g.numbers)), g.target) else "no"
    user = f"{state_text(g.numbers, g.target)}\n{TRY[0]}"
    return chat("tries", user, "\n".join(lines) + f"\nAnswer: {truth}", truth, [g.key], numbers=g.numbers)


def finish(rng, split=TRAIN):
    """The step from two numbers to the target."""
    g = draw(lambda: make_state(rng, 2, True), split)
    text, _ = step_text(rng.choice(good_moves(g.numbers, g.target)), rng, 0.02)
    return chat("propose", f"{state_text(g.numbers, g.target)}\n{pick(rng, PROPOSE, 0.8)}", text, "", [g.key], numbers=g.numbers)


def make_state(rng, count, wanted):
    """A state as it arises in play: one or two moves into a larger game."""
    start = make_game(rng, min(4, count + rng.randint(0, 2)), solved=False)
    numbers = start.numbers
    while len(numbers) > count:
        numbers = rng.choice(good_moves(numbers, start.target) or moves(numbers))[1]
    if len(numbers) != count or solvable(tuple(sorted(numbers)), start.target) != wanted:
        return None
    return Game(numbers, start.target)


def verify(text, numbers, target):
    """Whether a written attempt is right: every step uses numbers that are left, computes well, and ends at the target."""
    left = sorted(numbers)
    for line in text.split("\n"):
        head = line.split(" left ")[0]
        operator = next((o for o in "+-*/" if o in head), None)
        if operator is None or "=" not in head:
            break
        try:
            (a, b), r = map(int, head.split("=")[0].split(operator)), int(head.split("=")[1])
            left.remove(a), left.remove(b)
        except ValueError:
            return False
        if r != {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else None}[operator]:
            return False
        left.append(r)
    return left == [target]
