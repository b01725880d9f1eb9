"""Questions over a passage full of names nobody has seen: the answer must be copied, not remembered."""

from .base import TRAIN, chat, pick
from .facts import CLOSED, HOPS, RELATIONS, SPLIT, Query, hop_text, make_query, question, sentence, world
from .names import COLOURS, JOBS, PETS, PEOPLE, invented, invented_many

PERSON_RELATIONS = {
    "lives": ("{0} lives in {1}.", ("Where does {0} live?", "In which town does {0} live?"), "the home of {0}"),
    "sister": ("The sister of {0} is {1}.", ("Who is the sister of {0}?", "Whose sister is {1}?"), "the sister of {0}"),
    "boss": ("{0} works for {1}.", ("Who does {0} work for?", "Who is the boss of {0}?"), "the boss of {0}"),
    "pet": ("{0} has a {1}.", ("What pet does {0} have?", "Which animal does {0} have?"), "the pet of {0}"),
    "colour": ("{0} likes {1}.", ("What colour does {0} like?", "Which colour does {0} like?"), "the colour of {0}"),
}


def relation_parts(name):
    """Sentence and questions of a relation, from this page's list or from the world's."""
    if name in PERSON_RELATIONS:
        return PERSON_RELATIONS[name]
    r = RELATIONS[name]
    return r.sentence, r.questions, r.phrase


def tell_fact(subject, name, value):
    return relation_parts(name)[0].format(subject, value)


def ask_fact(path, subject, wording=0):
    inner = subject
    for name in path[:-1]:
        inner = relation_parts(name)[2].format(inner)
    questions = relation_parts(path[-1])[1]
    text = questions[wording % 2 if len(path) == 1 else 0]
    return (questions[0] if "{1}" in text else text).format(inner)


def small_world(rng, split):
    """A handful of people, their towns and ties, all with new names."""
    count = rng.randint(2, 5)
    names = invented_many(rng, 2 * count + 2, split)
    people, towns = names[:count], names[count:]
    facts = []
    for i, person in enumerate(people):
        facts.append((person, "lives", towns[i]))
        facts.append((person, rng.choice(("sister", "boss", "friend")), people[(i + 1) % count]))
        if rng.random() < 0.6:
            facts.append((person, "job", rng.choice(JOBS)))
        if rng.random() < 0.4:
            facts.append((person, rng.choice(("pet", "colour")), None))
        if rng.random() < 0.3:
            facts.append((towns[i], "ruler", rng.choice((towns[-1], towns[-2]))))
    facts = [(s, r, v or rng.choice(PETS if r == "pet" else COLOURS)) for s, r, v in facts]
    rng.shuffle(facts)
    return facts, names


def choose_path(rng, facts, hops):
    """A chain of facts of the wanted length, or None when the small world has none."""
    for _ in range(20):
        chosen = [rng.choice(facts)]
        while len(chosen) < hops:
            onward = [f for f in facts if f[0] == chosen[-1][2] and f not in chosen]
            if not onward:
                break
            chosen.append(rng.choice(onward))
        if len(chosen) == hops:
            return chosen
    return None


def query_of(chosen):
    names = (chosen[0][0],) + tuple(fact[2] for fact in chosen)
    return Query(chosen[0][0], tuple(fact[1] for fact in chosen), names)


def passage(rng, split=TRAIN):
    """One question over a passage; one in sixteen asks what the passage does not say."""
    facts, names = small_world(rng, split)
    text = " ".join(tell_fact(*fact) for fact in facts)
    roll = rng.random()
    keys = [f"name {name.lower()}" for name in names]
    if roll < 0.06:
        stranger = invented(rng, split)
        user = f"Passage: {text}\nQuestion: {ask_fact((facts[0][1],), stranger)}\nAnswer from the passage."
        return chat("passage-unknown", user, "Answer: unknown", "unknown", keys)
    hops = 1 if roll < 0.76 else 2 if roll < 0.94 else 3
    chosen = choose_path(rng, facts, hops) or choose_path(rng, facts, 1)
    q = query_of(chosen)
    head = f"Passage: {text}\nQuestion: {ask_fact(q.path, q.subject, rng.randrange(2))}\n"
    family = "passage" if len(chosen) == 1 else f"passage-{len(chosen)}hop"
    if len(chosen) > 1 and rng.random() < 0.6:
        steps = "Facts: " + " ".join(tell_fact(*fact) for fact in chosen) + f"\nAnswer: {q.answer}"
        return chat(family + "-steps", head + pick(rng, HOPS, 0.8), steps, q.answer, keys, query=q, facts=facts)
    if len(chosen) == 1 and rng.random() < 0.15:
        quote = f"Facts: {tell_fact(*chosen[0])}\nAnswer: {q.answer}"
        return chat("passage-quote", head + "Quote the passage, then answer.", quote, q.answer, keys, query=q)
    user = head + pick(rng, ["Answer from the passage.", "Answer directly."], 0.8)
    return chat(family, user, f"Answer: {q.answer}", q.answer, keys, query=q, facts=facts)


def passage_split(rng, split=TRAIN):
    """The simple questions behind a chain over a passage, asked without the passage."""
    facts, names = small_world(rng, split)
    chosen = choose_path(rng, facts, rng.choice((2, 2, 3)))
    if chosen is None:
        return passage(rng, split)
    q = query_of(chosen)
    subjects = [q.subject] + [f"#{i + 1}" for i in range(len(q.path) - 1)]
    simple = "\n".join(f"{i + 1}. {ask_fact((r,), s)}" for i, (r, s) in enumerate(zip(q.path, subjects)))
    user = f"Question: {ask_fact(q.path, q.subject)}\n{pick(rng, SPLIT, 0.8)}"
    return chat("decompose", user, simple, simple, [f"name {q.subject.lower()}"], query=q)


def retrieved(rng, split=TRAIN):
    """A question about the known world with a few of its pages beside it, some of them off the point."""
    q = make_query(rng, None if rng.random() < 0.75 else rng.choice([("born", "country"), ("friend", "born"), ("country", "language")]))
    pages = [sentence(q.names[i], r, q.names[i + 1]) for i, r in enumerate(q.path)]
    for _ in range(rng.randint(1, 5)):
        if rng.random() < 0.5:
            born = rng.random() < 0.5
            pages.append(sentence(invented(rng, split), "born" if born else "job", rng.choice(world()["cities"] if born else JOBS)))
        else:
            extra = make_query(rng)
            if extra.subject not in q.names:
                pages.append(sentence(extra.subject, extra.path[0], extra.answer))
    rng.shuffle(pages)
    head = f"Passage: {' '.join(pages)}\nQuestion: {question(q.path, q.subject)}\n"
    if len(q.path) > 1 and rng.random() < 0.6:
        return chat("retrieved", head + pick(rng, HOPS, 0.8), hop_text(q), q.answer, [], query=q)
    return chat("retrieved", head + pick(rng, ["Answer from the passage.", CLOSED[0]], 0.8), f"Answer: {q.answer}", q.answer, [], query=q)


def lookup(rng, split=TRAIN):
    """Copying at its barest: a list of pairs and one key; or a few names to repeat."""
    count = rng.randint(2, 7)
    names = invented_many(rng, 2 * count, split)
    keys = [f"name {name.lower()}" for name in names]
    roll = rng.random()
    if roll < 0.3:
        few = names[: rng.randint(1, 5)]
        return chat("repeat", "Repeat: " + " ".join(few), "Answer: " + " ".join(few), " ".join(few), keys)
    if roll < 0.4:
        known = [w.capitalize() for w in rng.sample(PEOPLE + JOBS + PETS, count)]
        names = [x for pair in zip(known, names) for x in pair]
    pairs = list(zip(names[0::2], names[1::2]))
    wanted = rng.choice(pairs)
    backwards = rng.random() < 0.2
    listing = ", ".join(f"{a} is {b}" for a, b in pairs)
    user = f"Pairs: {listing}.\nQuestion: " + (f"Who is {wanted[1]}?" if backwards else f"What is {wanted[0]}?")
    return chat("lookup", user, f"Answer: {wanted[0 if backwards else 1]}", wanted[0 if backwards else 1], keys)
