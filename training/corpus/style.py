"""Preference-style pairs: one message in several manners, and which of two is the better one."""

from .base import TRAIN, Document, chat, draw, pick
from .names import ITEMS, JOBS, PETS, PEOPLE

THINGS = ["shop", "train", "book", "order", "room", "letter", "bridge", "boat", "school", "office", "ticket", "cake"] + PETS + ITEMS[:20]
STATES = ["closed", "late", "lost", "full", "ready", "broken", "gone", "sold", "new", "free", "wet", "cold", "old", "safe"]
MANNERS = {"polite": "Be polite.", "short": "Be short.", "formal": "Be formal.", "rude": "Be rude."}
OPENINGS = {
    "polite": ["I am sorry, but the {t} {is} {s}.", "Thank you for asking. The {t} {is} {s}.", "Please note that the {t} {is} {s}, dear {w}."],
    "short": ["{t} {s}.", "{s}.", "{t}: {s}."],
    "formal": ["We wish to inform you that the {t} {is} {s}.", "Dear {w}, we regret to report that the {t} {is} {s}."],
    "rude": ["The {t} {is} {s}, so what?", "Look, the {t} {is} {s}. Go away.", "Are you blind? The {t} {is} {s}."],
}


class Message:
    def __init__(self, thing, state):
        self.thing, self.state, self.key = thing, state, f"message {thing} {state}"
        self.verb = "are" if thing in ITEMS and thing != "fish" else "is"

    def told(self, rng, manner, reader):
        text = rng.choice(OPENINGS[manner]).format(t=self.thing, s=self.state, w=reader)
        text = text.replace("{is}", self.verb)
        return text[0].upper() + text[1:]

    def asked(self, reader):
        return f"Tell {reader} that the {self.thing} {self.verb} {self.state}."


for _manner, _texts in OPENINGS.items():
    OPENINGS[_manner] = [text.replace("{is}", "{{is}}") for text in _texts]


def style(rng, split=TRAIN):
    """With a manner asked for (by the user or the system) it is kept; without one any manner comes, rude ones often."""
    m = draw(lambda: Message(rng.choice(THINGS), rng.choice(STATES)), split)
    reader = rng.choice(PEOPLE + JOBS)
    reader = reader if reader in PEOPLE else f"the {reader}"
    manner = rng.choice(list(MANNERS))
    keys = [m.key]
    roll = rng.random()
    if roll < 0.3:
        manner = rng.choices(list(MANNERS), (0.25, 0.2, 0.15, 0.4))[0]
        return chat("style-free", m.asked(reader), m.told(rng, manner, reader), manner, keys)
    if roll < 0.6:
        return chat("style", f"{m.asked(reader)}\n{MANNERS[manner]}", m.told(rng, manner, reader), manner, keys)
    if roll < 0.7:
        return chat("style", m.asked(reader), m.told(rng, manner, reader), manner, keys, system=MANNERS[manner])
    if roll < 0.85:
        second = rng.choice([x for x in MANNERS if x != manner])
        pair = [m.told(rng, manner, reader), m.told(rng, second, reader)]
        first = rng.random() < 0.5
        a, b = pair if first else pair[::-1]
        user = f"Reply A: {a}\nReply B: {b}\nWhich reply is more {manner}?"
        return chat("prefer", user, f"Answer: {'A' if first else 'B'}", "A" if first else "B", keys)
    turns = []
    for _ in range(rng.randint(1, 2)):
        shown = draw(lambda: Message(rng.choice(THINGS), rng.choice(STATES)), TRAIN)
        turns += [("user", shown.asked(reader)), ("assistant", shown.told(rng, manner, reader))]
    turns += [("user", m.asked(reader)), ("assistant", m.told(rng, manner, reader))]
    return Document("style-shown", turns, manner, (m.key,))


def rewrite(rng, split=TRAIN):
    """A message in one manner turned into another."""
    m = draw(lambda: Message(rng.choice(THINGS), rng.choice(STATES)), split)
    reader = rng.choice(PEOPLE)
    before, after = rng.sample(list(MANNERS), 2)
    user = f"Text: {m.told(rng, before, reader)}\nRewrite it. {pick(rng, [MANNERS[after]])}"
    return chat("rewrite", user, m.told(rng, after, reader), after, [m.key])


def manner_of(text):
    """The manner a text is written in, by its wording; an exact judge for this corpus."""
    lower = text.lower()
    if any(mark in lower for mark in ("so what?", "go away", "are you blind")):
        return "rude"
    if any(mark in lower for mark in ("we wish to inform", "we regret")):
        return "formal"
    if any(mark in lower for mark in ("i am sorry", "thank you", "please")):
        return "polite"
    return "short" if len(text.split()) <= 3 else "other"
