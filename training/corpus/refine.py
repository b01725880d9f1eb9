"""Draft, critique, revision: the critiques are mostly true, some are false, and revisions mostly survive the false ones."""

from .base import TRAIN, Document, chat, pick
from .problems import any_style, compute, problem
from .solutions import STEPS, ask, equation, steps_text, worked

CRITIQUE = ["Check the draft.", "Critique the draft.", "Find the mistake in the draft."]
REVISE = ["Revise the draft.", "Write a better answer."]
IMPROVE = ["Improve the draft.", "Correct the draft."]
JUDGE = ["Is the draft right? Answer yes or no.", "Is the answer correct?"]
RECHECK = ["Check your answer.", "Are you sure?"]
AGAIN = ["Now revise it.", "Write it again."]


def first_wrong(problem, lines):
    """The index of the first line that is not what a careful solver writes, or None."""
    return next((i for i, (line, right) in enumerate(zip(lines, problem.equations)) if tuple(line) != tuple(right)), None)


def critique_text(problem, lines, rng=None, false=0.0):
    """Works the solution out again, line by line, until the draft says something else.

    The right equation comes before the judgement: a model that copies the draft's line first calls every line fine.
    A false critique finds a fault that is not there, or misses one that is.
    """
    wrong = first_wrong(problem, lines)
    if rng and rng.random() < false:
        return false_critique(problem, lines, wrong, rng), False
    texts = [f"{equation(line)} ok" for line in lines[: len(lines) if wrong is None else wrong]]
    if wrong is None:
        return "\n".join(texts) + "\nVerdict: right", True
    texts.append(f"{equation(problem.equations[wrong])} not {equation(lines[wrong])}")
    return "\n".join(texts) + "\nVerdict: wrong", True


def false_critique(problem, lines, wrong, rng):
    if wrong is not None:
        return "\n".join(f"{equation(line)} ok" for line in lines) + "\nVerdict: right"
    at = rng.randrange(len(lines))
    a, operator, b, result = lines[at]
    claimed = max(0, result + rng.choice((-1, 1, -10, 10)))
    texts = [f"{equation(line)} ok" for line in lines[:at]]
    return "\n".join(texts + [f"{a}{operator}{b}={claimed} not {equation(lines[at])}", "Verdict: wrong"])


def revised(rng, problem, lines, critique, true):
    """The draft with the fault repaired; a false critique is followed one time in three; a slip now and then."""
    if true or rng.random() < 0.67:
        return worked(rng, problem, 0.01)
    if first_wrong(problem, lines) is not None:
        return lines
    claim = critique.split(" not ")[0].split("\n")[-1]
    at = critique.count(" ok")
    a, operator, b, _ = lines[at]
    changed = list(lines[:at]) + [(a, operator, b, int(claim.split("=")[1]))]
    for x, o, y, r in lines[at + 1 :]:
        last, before = changed[-1][3], lines[len(changed) - 1][3]
        x, y = (last if x == before else x), (last if y == before else y)
        result = compute(x, o, y)
        changed.append((x, o, y, max(0, result) if result is not None else x // y))
    return changed


def drafted(rng, split):
    """A problem and a draft of it: three in five drafts have a slip."""
    p = problem(rng, split, least=2, most=6)
    lines = worked(rng, p, 0.0)
    if rng.random() < 0.6:
        for _ in range(20):
            lines = worked(rng, p, 0.3)
            if first_wrong(p, lines) is not None:
                break
    return p, lines


def refine(rng, split=TRAIN):
    p, lines = drafted(rng, split)
    question, draft = any_style(rng, p, 0.8), steps_text(lines)
    critique, true = critique_text(p, lines, rng, 0.08)
    head = f"{ask(question)}\nDraft:\n{draft}\n"
    wrong = first_wrong(p, lines) is not None
    roll = rng.random()
    if roll < 0.4:
        return chat("critique", head + pick(rng, CRITIQUE, 0.8), critique, "wrong" if wrong else "right", [p.key])
    if roll < 0.65:
        text = steps_text(revised(rng, p, lines, critique, true))
        return chat("revise", f"{head}Critique:\n{critique}\n{pick(rng, REVISE, 0.8)}", text, p.answer, [p.key])
    if roll < 0.75:
        text = steps_text(worked(rng, p, 0.01))
        return chat("improve", head + pick(rng, IMPROVE, 0.8), text, p.answer, [p.key])
    if roll < 0.87:
        said = wrong if rng.random() < 0.05 else not wrong
        return chat("judge", head + pick(rng, JUDGE, 0.8), f"Answer: {'yes' if said else 'no'}", "no" if wrong else "yes", [p.key])
    turns = [("user", f"{ask(question)}\n{pick(rng, STEPS, 0.8)}"), ("assistant", draft)]
    turns += [("user", pick(rng, RECHECK, 0.8)), ("assistant", critique)]
    if rng.random() < 0.7:
        turns += [("user", pick(rng, AGAIN, 0.8)), ("assistant", steps_text(revised(rng, p, lines, critique, true)))]
    return Document("refine-chat", turns, str(p.answer), (p.key,), {"unlearned": (1,)})
