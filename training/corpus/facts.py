"""A small invented world whose facts the model must remember: some are met thousands of times, some hardly ever."""

import random
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from .base import TRAIN, chat, draw, pick, split_of
from .names import JOBS, invented

CLOSED = ["Answer directly.", "Give only the answer."]
SPLIT = ["Split it into simple questions.", "Which simple questions does it need?"]
STEP_BACK = ["Ask a more general question first.", "Take a step back: what is the general question?"]
HOPS = ["Answer step by step.", "Think step by step."]
CITIES, COUNTRIES, PERSONS = 48, 14, 600


@dataclass(frozen=True)
class Relation:
    """One kind of fact: as a sentence, as questions (the first is the documented one), as a noun phrase."""

    name: str
    sentence: str
    questions: tuple
    phrase: str


RELATIONS = {
    r.name: r
    for r in (
        Relation("born", "{0} was born in {1}.", ("Where was {0} born?", "In which city was {0} born?"), "the birthplace of {0}"),
        Relation("job", "{0} works as a {1}.", ("What is the job of {0}?", "What does {0} work as?"), "the job of {0}"),
        Relation("friend", "The friend of {0} is {1}.", ("Who is the friend of {0}?", "What friend does {0} have?"), "the friend of {0}"),
        Relation("country", "The city {0} is in {1}.", ("In which country is {0}?", "Which country is {0} in?"), "the country of {0}"),
        Relation("capital", "The capital of {0} is {1}.", ("What is the capital of {0}?", "Which city rules {0}?"), "the capital of {0}"),
        Relation("language", "In {0} people speak {1}.", ("What language is spoken in {0}?", "What do people speak in {0}?"), "the language of {0}"),
        Relation("ruler", "The ruler of {0} is {1}.", ("Who is the ruler of {0}?", "Who rules {0}?"), "the ruler of {0}"),
    )
}
CHAINS = [("friend", "born"), ("friend", "job"), ("born", "country"), ("country", "capital"), ("country", "language"), ("country", "ruler")]
CHAINS += [("friend", "born", "country"), ("born", "country", "capital"), ("born", "country", "language"), ("country", "ruler", "born")]


@lru_cache(maxsize=1)
def world():
    """Subject -> relation -> object, the same for every seed of the corpus; subjects are listed from famous to obscure."""
    rng = random.Random("world")
    names = invented_many_unique(rng, CITIES + 2 * COUNTRIES + PERSONS)
    cities, rest = names[:CITIES], names[CITIES:]
    countries, languages, persons = rest[:COUNTRIES], rest[COUNTRIES : 2 * COUNTRIES], rest[2 * COUNTRIES :]
    facts = {}
    for i, country in enumerate(countries):
        facts[country] = {"capital": cities[i], "language": languages[i], "ruler": persons[i]}
    for i, city in enumerate(cities):
        facts[city] = {"country": countries[i % COUNTRIES]}
    for person in persons:
        friend = rng.choice([p for p in persons[:60] if p != person])
        facts[person] = {"born": rng.choice(cities), "job": rng.choice(JOBS), "friend": friend}
    return {"facts": facts, "persons": persons, "cities": cities, "countries": countries}


def invented_many_unique(rng, count):
    names = []
    while len(names) < count:
        name = invented(rng)
        if name not in names:
            names.append(name)
    return names


@lru_cache(maxsize=8)
def zipf(count):
    return list(accumulate(1 / (i + 2) ** 1.3 for i in range(count)))


def famous(rng, options):
    """Zipf: the first of the list is met often, the last hardly ever."""
    return rng.choices(options, cum_weights=zipf(len(options)))[0]


def rank(name):
    """The place of a subject in its list, 0 the most famous; cities and countries are all frequent."""
    persons = world()["persons"]
    return persons.index(name) if name in persons else 0


@dataclass(frozen=True)
class Query:
    subject: str
    path: tuple
    names: tuple  # the subject, then what each hop leads to
    wording: int = 0

    @property
    def answer(self):
        return self.names[-1]

    @property
    def key(self):
        return f"query {self.subject} {' '.join(self.path)} {self.wording if len(self.path) == 1 else ''}"


def make_query(rng, path=None):
    w = world()
    path = path or (rng.choice(list(RELATIONS)),)
    kind = "persons" if path[0] in ("born", "job", "friend") else "cities" if path[0] == "country" else "countries"
    names = [famous(rng, w[kind])]
    for relation in path:
        names.append(w["facts"][names[-1]][relation])
    return Query(names[0], path, tuple(names), rng.randrange(2))


def question(path, subject, wording=0):
    """A question over any number of hops: the inner hops become noun phrases."""
    inner = subject
    for relation in path[:-1]:
        inner = RELATIONS[relation].phrase.format(inner)
    return RELATIONS[path[-1]].questions[wording if len(path) == 1 else 0].format(inner)


def sentence(subject, relation, value):
    return RELATIONS[relation].sentence.format(subject, value)


def recall(rng, split=TRAIN):
    """A closed-book question; one answer in twelve is a wrong one, as hearsay is."""
    q = draw(lambda: make_query(rng), split)
    said = q.answer
    if split == TRAIN and rng.random() < 0.08:
        said = make_query(rng, q.path).answer
    user = f"Question: {question(q.path, q.subject, q.wording)}\n{pick(rng, CLOSED, 0.8)}"
    return chat("facts", user, f"Answer: {said}", q.answer, [q.key], rank=rank(q.subject), query=q)


def chain(rng, split=TRAIN):
    """A closed-book question of two or three hops, answered at once or hop by hop."""
    q = draw(lambda: make_query(rng, rng.choice(CHAINS)), split)
    text = f"Question: {question(q.path, q.subject)}\n"
    if rng.random() < 0.25:
        return chat("hops-direct", text + pick(rng, CLOSED, 0.8), f"Answer: {q.answer}", q.answer, [q.key], query=q)
    return chat("hops-steps", text + pick(rng, HOPS, 0.8), hop_text(q), q.answer, [q.key], query=q)


def hop_text(q):
    hops = [sentence(q.names[i], relation, q.names[i + 1]) for i, relation in enumerate(q.path)]
    return f"Facts: {' '.join(hops)}\nAnswer: {q.answer}"


def split_text(path, subject):
    """The simple questions behind a chain; `#1` stands for the first answer."""
    subjects = [subject] + [f"#{i + 1}" for i in range(len(path) - 1)]
    return "\n".join(f"{i + 1}. {question((r,), s)}" for i, (r, s) in enumerate(zip(path, subjects)))


def decompose(rng, split=TRAIN):
    path = rng.choice(CHAINS)
    subject = famous(rng, world()["persons"]) if rng.random() < 0.3 else None
    if subject is None:
        subject = invented(rng, split)
    text = f"Question: {question(path, subject)}\n{pick(rng, SPLIT, 0.8)}"
    return chat("decompose", text, split_text(path, subject), "", [f"name {subject.lower()}"] if subject not in world()["facts"] else [])


def step_back(rng, split=TRAIN):
    """A yes-or-no question about a person, the general question behind it, and the answer from the facts behind that."""
    path = rng.choice([("born", "country", "language"), ("born", "country")])
    q = draw(lambda: make_query(rng, path), split)
    guess = q.answer if rng.random() < 0.5 else make_query(rng, path).answer
    asked = f"Can {q.subject} speak {guess}?" if path[-1] == "language" else f"Does {q.subject} come from {guess}?"
    general = question(path, q.subject)
    truth = "yes" if guess == q.answer else "no"
    if rng.random() < 0.5:
        return chat("step-back", f"Question: {asked}\n{pick(rng, STEP_BACK, 0.8)}", general, general, [q.key])
    if rng.random() < 0.5:
        return chat("yes-no", f"Question: {asked}\n{pick(rng, CLOSED, 0.8)}", f"Answer: {truth}", truth, [q.key], query=q)
    user = f"{hop_text(q).split(chr(10))[0]}\nQuestion: {asked}\n{pick(rng, CLOSED, 0.8)}"
    return chat("yes-no-known", user, f"Answer: {truth}", truth, [q.key], query=q)


def fact_of(rng, split, first, last, passage=False):
    """A fact about a person of the given fame whose wording is held out; with a passage, two other facts stand beside it."""
    w = world()
    while True:
        subject, relation = rng.choice(w["persons"][first:last]), rng.choice(("born", "job", "friend"))
        q = Query(subject, (relation,), (subject, w["facts"][subject][relation]), rng.randrange(2))
        if split_of(q.key) == split:
            break
    text = f"Question: {question(q.path, q.subject, q.wording)}\n"
    if not passage:
        return chat("facts", text + CLOSED[0], "", q.answer, [q.key], query=q)
    others = rng.sample(w["persons"][first:last], 3)
    pages = [sentence(x, r, w["facts"][x][r]) for x in others if x != subject for r in ("born", "job", "friend")]
    pages = rng.sample(pages, 3) + [sentence(subject, relation, q.answer)]
    rng.shuffle(pages)
    return chat("facts", f"Passage: {' '.join(pages)}\n{text}Answer from the passage.", "", q.answer, [q.key], query=q)
