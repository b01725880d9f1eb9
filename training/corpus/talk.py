"""Several chat turns: follow-up questions, small talk, two questions one after the other."""

from .base import TRAIN, Document
from .names import PEOPLE, invented
from .passages import ask_fact, small_world, tell_fact
from .problems import compute, problem, tell
from .solutions import STEPS, ask, steps_text, worked

GREETINGS = [("Hello.", "Hello. How can I help?"), ("Hi!", "Hi. What is your question?"), ("Good day.", "Good day. What can I do?")]
THANKS = [("Thank you.", "You are welcome."), ("Thanks!", "You are welcome."), ("Bye.", "Goodbye.")]


def follow_up(rng, split=TRAIN):
    """A word problem, then what changes after it."""
    p = problem(rng, split, least=2, most=4)
    turns = [("user", f"{ask(tell(p))}\n{STEPS[0]}"), ("assistant", steps_text(worked(rng, p, 0.02)))]
    value = p.answer
    for _ in range(rng.randint(1, 2)):
        n = rng.randint(3, 60)
        gain = rng.random() < 0.5 or n >= value
        text = f"And if there are {n} more?" if gain else f"And if {n} are taken away?"
        line = (value, "+" if gain else "-", n, compute(value, "+" if gain else "-", n))
        turns += [("user", text), ("assistant", steps_text([line]))]
        value = line[3]
    return Document("chat", turns, str(value), (p.key,), {"last": 1})


def about_passage(rng, split=TRAIN):
    """Several questions about one passage."""
    facts, names = small_world(rng, split)
    asked = rng.sample(facts, min(len(facts), rng.randint(2, 4)))
    text = " ".join(tell_fact(*fact) for fact in facts)
    turns = []
    for i, (subject, relation, value) in enumerate(asked):
        head = f"Passage: {text}\n" if i == 0 else ""
        turns += [("user", f"{head}Question: {ask_fact((relation,), subject)}\nAnswer from the passage."), ("assistant", f"Answer: {value}")]
    return Document("chat", turns, asked[-1][2], tuple(f"name {n.lower()}" for n in names), {"last": 1})


def remember(rng, split=TRAIN):
    """The user says a name or a taste and asks for it later."""
    name = invented(rng, split)
    town = invented(rng, split)
    turns = [("user", f"My name is {name} and I live in {town}."), ("assistant", f"Hello {name}.")]
    if rng.random() < 0.5:
        q = rng.choice(PEOPLE)
        turns += [("user", f"My friend is {q}."), ("assistant", f"I will remember {q}.")]
    asked, said = rng.choice([("What is my name?", name), ("Where do I live?", town)])
    turns += [("user", asked), ("assistant", f"Answer: {said}")]
    return Document("chat", turns, said, (f"name {name.lower()}", f"name {town.lower()}"), {"last": 1})


def talk(rng, split=TRAIN):
    made = rng.choice((follow_up, about_passage, remember))(rng, split)
    if rng.random() < 0.25:
        user, assistant = rng.choice(GREETINGS)
        made.turns[:0] = [("user", user), ("assistant", assistant)]
    if split == TRAIN and rng.random() < 0.15:
        user, assistant = rng.choice(THANKS)
        made.turns += [("user", user), ("assistant", assistant)]
    return made
