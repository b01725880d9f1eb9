"""Solutions of word problems: written steps with slips, direct answers, calculator calls, programs, plans; and drills."""

from .base import TRAIN, Document, chat, pick
from .problems import any_style, compute, problem, tell

STEPS = ["Solve it step by step.", "Think step by step.", "Let's think step by step.", "Show your work."]
DIRECT = ["Answer directly.", "Give only the answer.", "Answer with a number."]
CALCULATOR = ["Use the calculator.", "You may use the calculator."]
PROGRAM = ["Write a program.", "Answer with a program."]
PLAN = ["First make a plan.", "Make a plan, then solve it."]


def ask(question, instruction=""):
    return f"Question: {question}" + (f"\n{instruction}" if instruction else "")


def slip(rng, a, operator, b):
    """One way to get an equation wrong: near by one, by ten, a misread number, the wrong operation."""
    right = compute(a, operator, b)
    roll = rng.random()
    if roll < 0.45:
        return a, operator, b, max(0, right + rng.choice((-1, 1, -2, 2)))
    if roll < 0.7:
        return a, operator, b, max(0, right + rng.choice((-10, 10)))
    if roll < 0.88 or operator in "*/":
        wrong = max(1, b + rng.choice((-1, 1)))
        if operator != "/":
            return a, operator, wrong, compute(a, operator, wrong)
        return a, operator, b, right + 1
    other = "-" if operator == "+" else "+"
    return a, other, b, max(0, compute(a, other, b))


def worked(rng, problem, slips):
    """The equations as somebody writes them who slips with the given chance at each, and carries the error on."""
    written, renamed = [], {}
    for a, operator, b, result in problem.equations:
        x, y = renamed.get(a, a), renamed.get(b, b)
        line = (x, operator, y, compute(x, operator, y))
        if line[3] is None:
            line = (x, operator, y, x // y if y else 0)
        elif line[3] < 0:
            line = (x, operator, y, 0)
        if rng.random() < slips:
            line = slip(rng, *line[:3]) if compute(*line[:3]) is not None and compute(*line[:3]) >= 0 else line
        if line[3] != result:
            renamed[result] = line[3]
        elif result in renamed:
            del renamed[result]
        written.append(line)
    return written


def carefulness(rng):
    """Half of the writers are careful, half are sloppy: about two in three solutions of five steps are right."""
    return 0.015 if rng.random() < 0.5 else 0.13


def equation(line):
    a, operator, b, result = line
    return f"{a}{operator}{b}={result}"


def steps_text(lines, style="bare"):
    texts = [equation(line) for line in lines]
    if style == "then":
        texts = [("First " if i == 0 else "Then ") + text + "." for i, text in enumerate(texts)]
    elif style == "numbered":
        texts = [f"{i + 1}. {text}" for i, text in enumerate(texts)]
    return "\n".join(texts) + f"\nAnswer: {lines[-1][3]}"


def step_style(rng):
    roll = rng.random()
    return "bare" if roll < 0.8 else "then" if roll < 0.9 else "numbered"


def steps(rng, split=TRAIN):
    p = problem(rng, split, least=2, most=6)
    user = ask(any_style(rng, p), pick(rng, STEPS, 0.6) if rng.random() < 0.93 else "")
    text = steps_text(worked(rng, p, carefulness(rng)), step_style(rng))
    return chat("steps", user, text, p.answer, [p.key], equations=p.equations)


def direct(rng, split=TRAIN):
    p = problem(rng, split, least=2, most=6)
    answer = p.answer if rng.random() < 0.9 else worked(rng, p, 0.3)[-1][3]
    user = ask(any_style(rng, p), pick(rng, DIRECT, 0.6) if rng.random() < 0.93 else "")
    return chat("direct", user, f"Answer: {answer}", p.answer, [p.key])


def calculator(rng, split=TRAIN):
    """Numbers too large for the head: every step is a call, the tool's turn brings the result."""
    p = problem(rng, split, size="hard" if rng.random() < 0.8 else "easy", least=2, most=5)
    turns = [("user", ask(any_style(rng, p, 0.8), pick(rng, CALCULATOR, 0.7)))]
    for a, operator, b, result in p.equations:
        turns += [("assistant", f"Call: {a}{operator}{b}"), ("tool", str(result))]
    turns.append(("assistant", f"Answer: {p.answer}"))
    return Document("calculator", turns, str(p.answer), (p.key,), {"first": turns[0]})


def large_steps(rng, split=TRAIN):
    """The same large numbers in the head: mostly wrong, which is what a calculator is for."""
    p = problem(rng, split, size="hard", least=2, most=5)
    text = steps_text(worked(rng, p, carefulness(rng)))
    return chat("large", ask(any_style(rng, p, 0.8), pick(rng, STEPS, 0.8)), text, p.answer, [p.key])


def program_lines(p):
    """The equations as a few lines of JavaScript: one constant a line, known results by their letter."""
    lines, known = [], {p.events[0][1][0]: "s"}
    lines.append(f"let s={p.events[0][1][0]};")
    for i, (a, operator, b, result) in enumerate(p.equations):
        letter = "abcdefghij"[i]
        lines.append(f"let {letter}={known.get(a, a)}{operator}{known.get(b, b) if i and b == p.equations[i - 1][3] else b};")
        known[result] = letter
    return "\n".join(lines) + f"\nreturn {letter};"


def program(rng, split=TRAIN):
    p = problem(rng, split, size="hard" if rng.random() < 0.6 else "easy", least=2, most=5)
    user = ask(any_style(rng, p, 0.8), pick(rng, PROGRAM, 0.7))
    return chat("program", user, program_lines(p), p.answer, [p.key])


def plan_text(p):
    verbs = {"start": "start {0}", "gain": "add {0}", "lose": "take {0}", "times": "times {0}", "share": "divide by {0}"}
    verbs |= {"boxes": "add {0} times {1}", "each": "take {0} times {1}", "sell": "times {0}"}
    verbs |= {"together": "add {0} for {o}, then both"}
    return "Plan: " + ", ".join(verbs[k].format(*n, o=p.other) for k, n in p.events if k != "end")


def plan(rng, split=TRAIN):
    p = problem(rng, split, least=2, most=6)
    solved = steps_text(worked(rng, p, carefulness(rng)))
    if rng.random() < 0.5:
        return chat("plan", ask(any_style(rng, p), pick(rng, PLAN)), plan_text(p) + "\n" + solved, p.answer, [p.key])
    user = ask(any_style(rng, p)) + f"\n{plan_text(p)}\nFollow the plan."
    return chat("plan", user, solved, p.answer, [p.key])


def drill(rng, split=TRAIN):
    """Bare sums, several to a document."""
    lines = []
    for _ in range(rng.randint(2, 6)):
        roll = rng.random()
        if roll < 0.35:
            a, operator, b = rng.randint(1, 999), "+", rng.randint(1, 99)
        elif roll < 0.65:
            a, operator, b = rng.randint(10, 999), "-", rng.randint(1, 99)
            a = max(a, b)
        elif roll < 0.9:
            a, operator, b = rng.randint(2, 99 if rng.random() < 0.7 else 250), "*", rng.randint(2, 12)
        else:
            b, result = rng.randint(2, 9), rng.randint(2, 250)
            a, operator = b * result, "/"
        lines.append((a, operator, b))
    user = "Compute:\n" + "\n".join(f"{a}{o}{b}" for a, o, b in lines)
    return chat("drill", user, "\n".join(equation((a, o, b, compute(a, o, b))) for a, o, b in lines))


def plain_question(p):
    return tell(p, "plain")
