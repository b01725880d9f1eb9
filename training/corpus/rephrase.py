"""Garbled, wordy and hurried questions beside their plain form."""

from .base import TRAIN, chat, pick
from .names import COLOURS, JOBS, PEOPLE, PETS, number_words
from .problems import problem, tell
from .solutions import STEPS, ask, carefulness, steps_text, worked

REPHRASE = ["Rephrase the question plainly.", "Say the question again in plain words.", "Rewrite the question clearly."]
EXPAND = ["Rephrase the question, then answer.", "Rephrase and expand the question, and respond."]

ASIDES = [
    "The {job} next door is {n} years old.", "It was {n} degrees that day.", "The house number is {n}.",
    "By the way, {q} has a {colour} {pet}.", "The walk took {n} minutes.", "{q} is {n} years old.", "I think it was a Sunday.",
    "The bag is {colour}.", "Nobody knows why.", "The {job} saw it all.",
]
FILLERS = ["um", "well", "so", "you know", "er", "like", "I mean"]


def garbled(rng, p):
    """A story telling of the problem, spoilt in several ways at once; names are left whole."""
    ways = {way for way in ("words", "asides", "typos", "fillers", "hurried") if rng.random() < 0.55}
    ways = ways or {rng.choice(("words", "asides", "typos"))}
    hyphen = rng.choice("- ")
    number = (lambda n: number_words(n, hyphen) if rng.random() < 0.85 else str(n)) if "words" in ways else str
    text = tell(p, "plain" if rng.random() < 0.35 else "story", rng, number)
    sentences = text.replace("? ", "?|").replace(". ", ".|").split("|")
    if "asides" in ways:
        for _ in range(rng.randint(1, 3)):
            sentences.insert(rng.randint(1, len(sentences) - 1), aside(rng, p))
    words = " ".join(sentences).split(" ")
    if "typos" in ways:
        words = [typo(rng, w) if rng.random() < 0.3 and w.isalpha() and w not in PEOPLE and len(w) > 3 else w for w in words]
    if "fillers" in ways:
        for _ in range(rng.randint(1, 4)):
            words.insert(rng.randrange(1, len(words)), rng.choice(FILLERS) + ("," if rng.random() < 0.3 else ""))
    text = " ".join(words)
    if "hurried" in ways:
        text = text.replace(".", " ").replace(",", " ").replace("  ", " ").replace("?", "").strip()
        text = text if rng.random() < 0.5 else text[0] + text[1:].replace(" S", " s").replace(" H", " h").replace(" T", " t")
    return text


def aside(rng, p):
    others = [q for q in PEOPLE if q not in (p.person, p.other)]
    template = rng.choice(ASIDES)
    words = dict(job=rng.choice(JOBS), n=rng.randint(2, 99), q=rng.choice(others), colour=rng.choice(COLOURS), pet=rng.choice(PETS))
    return template.format(**words)


def typo(rng, word):
    """Two letters swapped, one dropped or one doubled; the first letter stays."""
    i = rng.randrange(1, len(word) - 1)
    roll = rng.random()
    if roll < 0.5:
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    return word[:i] + word[i + 1 :] if roll < 0.8 else word[:i] + word[i] + word[i:]


def rephrase(rng, split=TRAIN):
    p = problem(rng, split, least=2, most=6)
    plain = tell(p, "plain")
    spoilt = garbled(rng, p) if rng.random() < 0.85 else tell(p, rng.choice(("story", "terse")), rng)
    roll = rng.random()
    if roll < 0.8:
        user = ask(spoilt, pick(rng, REPHRASE, 0.8))
        return chat("rephrase", user, plain, plain, [p.key], problem=p)
    if roll < 0.93:
        solved = steps_text(worked(rng, p, carefulness(rng)))
        return chat("rephrase-solve", ask(spoilt, pick(rng, EXPAND, 0.8)), f"{plain}\n{solved}", p.answer, [p.key])
    return garbled_steps(rng, split)


def garbled_steps(rng, split=TRAIN):
    """A garbled question solved as it stands: rare in the corpus, and more often wrong."""
    p = problem(rng, split, least=2, most=6)
    text = steps_text(worked(rng, p, 0.02 if rng.random() < 0.5 else 0.25))
    return chat("garbled", ask(garbled(rng, p), pick(rng, STEPS, 0.8)), text, p.answer, [p.key], problem=p)
