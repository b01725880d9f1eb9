"""Do techniques lift this model? One quick measurement a room: python -m training.lifts --items 200."""

import argparse
import json
import random
import re
from collections import Counter
from pathlib import Path

import torch

from .build import HERE
from .corpus import countdown, facts, notes, passages, problems, refine, rephrase, solutions, style
from .corpus.base import HELD_OUT, final_answer
from .evaluate import correct, fact_of, held_out, run_program, with_calculator
from .generate import generate

EQUATION = re.compile(r"(\d+)([-+*/])(\d+)=(\d+)")


class Asker:
    """A model that is asked in plain texts; every call has its own seed, so a run can be repeated."""

    def __init__(self, model, tokenizer):
        self.model, self.tokenizer, self.calls = model, tokenizer, 0

    def many(self, users, n=1, temperature=1.0, limit=150):
        self.calls += 1
        prompts = [self.tokenizer.encode_prompt([("user", user)]) for user in users]
        return generate(self.model, self.tokenizer, prompts, n, temperature, limit, self.calls)

    def one(self, users, temperature=1.0, limit=150):
        return [texts[0] for texts in self.many(users, 1, temperature, limit)]


def share(flags):
    flags = list(flags)
    return round(100 * sum(map(bool, flags)) / len(flags), 1)


def majority(texts):
    votes = Counter(answer for answer in map(final_answer, texts) if answer)
    return votes.most_common(1)[0][0] if votes else ""


def sound(text):
    """Whether every equation in a text is true."""
    found = EQUATION.findall(text)
    return bool(found) and all(problems.compute(int(a), o, int(b)) == int(r) for a, o, b, r in found)


def questions(name, count):
    """Held-out problems in the documented wording."""
    size = "hard" if name == "large" else "easy"
    return [problems.problem(random.Random(f"lift/{name}/{i}"), HELD_OUT, size, 2, 5 if size == "hard" else 6) for i in range(count)]


def searching(ask, count):
    made = questions("vote", count)
    gold = [str(p.answer) for p in made]
    users = [solutions.ask(problems.tell(p), solutions.STEPS[0]) for p in made]
    pools = ask.many(users, 16)
    yield "steps, greedy", share(final_answer(t) == g for t, g in zip(ask.one(users, 0), gold))
    yield "steps, one sample", share(final_answer(pool[0]) == g for pool, g in zip(pools, gold))
    yield "steps, majority of 16", share(majority(pool) == g for pool, g in zip(pools, gold))
    checked = [majority([t for t in pool if sound(t)] or pool) for pool in pools]
    yield "steps, majority of those of 16 whose equations hold", share(a == g for a, g in zip(checked, gold))
    yield "steps, best of 16 by the exact verifier", share(any(final_answer(t) == g for t in pool) for pool, g in zip(pools, gold))
    direct = [solutions.ask(problems.tell(p), solutions.DIRECT[0]) for p in made]
    yield "directly, one sample", share(final_answer(t) == g for t, g in zip(ask.one(direct), gold))


def tools(ask, count):
    made = questions("large", count)
    gold = [str(p.answer) for p in made]
    steps = [solutions.ask(problems.tell(p), solutions.STEPS[0]) for p in made]
    yield "large numbers, steps, one sample", share(final_answer(t) == g for t, g in zip(ask.one(steps), gold))
    chats = [solutions.chat("calculator", solutions.ask(problems.tell(p), solutions.CALCULATOR[0]), "") for p in made]
    texts = with_calculator(ask.model, ask.tokenizer, chats, 1.0, 7)
    yield "large numbers, calculator, one sample", share(final_answer(t) == g for t, g in zip(texts, gold))
    programs = ask.one([solutions.ask(problems.tell(p), solutions.PROGRAM[0]) for p in made])
    yield "large numbers, program, one sample", share(run_program(t) == p.answer for t, p in zip(programs, made))


def decomposing(ask, count):
    for hops in (2, 3):
        rngs = (random.Random(f"lift/hops{hops}/{i}") for i in range(100 * count))
        made = []
        for rng in rngs:
            small, _ = passages.small_world(rng, HELD_OUT)
            chosen = passages.choose_path(rng, small, hops)
            if chosen:
                made.append((" ".join(passages.tell_fact(*fact) for fact in small), passages.query_of(chosen)))
            if len(made) == count:
                break
        whole = [f"Question: {passages.ask_fact(q.path, q.subject)}\n" for _, q in made]
        gold = [q.answer for _, q in made]
        direct = ask.one([f"Passage: {text}\n{w}Answer from the passage." for (text, _), w in zip(made, whole)])
        yield f"passage, {hops} hops, directly, one sample", share(final_answer(t) == g for t, g in zip(direct, gold))
        steps = ask.one([f"Passage: {text}\n{w}{facts.HOPS[0]}" for (text, _), w in zip(made, whole)])
        yield f"passage, {hops} hops, step by step, one sample", share(final_answer(t) == g for t, g in zip(steps, gold))
        parts = [[re.sub(r"^\d+\. ", "", line) for line in t.split("\n")] for t in ask.one([w + facts.SPLIT[0] for w in whole])]
        known = [[] for _ in made]
        for hop in range(hops):
            users = []
            for i, (text, _) in enumerate(made):
                part = parts[i][min(hop, len(parts[i]) - 1)]
                for j, value in enumerate(known[i]):
                    part = part.replace(f"#{j + 1}", value)
                users.append(f"Passage: {text}\nQuestion: {part}\nAnswer from the passage.")
            for values, text in zip(known, ask.one(users)):
                values.append(final_answer(text))
        yield f"passage, {hops} hops, decomposed by the model, separate calls", share(v[-1] == g for v, g in zip(known, gold))


def rephrasing(ask, count):
    made = [(p, rephrase.garbled(random.Random(f"garble/{i}"), p)) for i, p in enumerate(questions("garbled", count))]
    gold = [str(p.answer) for p, _ in made]
    for name, temperature in (("one sample", 1.0), ("greedy", 0.0)):
        as_is = ask.one([solutions.ask(text, solutions.STEPS[0]) for _, text in made], temperature)
        yield f"garbled, as it stands, {name}", share(final_answer(t) == g for t, g in zip(as_is, gold))
        plain = ask.one([solutions.ask(text, rephrase.REPHRASE[0]) for _, text in made], temperature)
        after = ask.one([solutions.ask(t, solutions.STEPS[0]) for t in plain], temperature)
        yield f"garbled, rephrased by the model, {name}", share(final_answer(t) == g for t, g in zip(after, gold))
        perfect = ask.one([solutions.ask(problems.tell(p), solutions.STEPS[0]) for p, _ in made], temperature)
        yield f"garbled, perfectly rephrased, {name}", share(final_answer(t) == g for t, g in zip(perfect, gold))


def remembering(ask, count):
    rngs = [random.Random(f"lift/rare/{i}") for i in range(count)]
    closed = [fact_of(rng, HELD_OUT, 250, 600) for rng in rngs]
    beside = [fact_of(random.Random(f"lift/rare/{i}"), HELD_OUT, 250, 600, True) for i in range(count)]
    for name, made in (("closed book", closed), ("the page found", beside)):
        texts = ask.one([d.prompt[-1][1] for d in made])
        yield f"rare facts, {name}, one sample", share(correct(d, t) for d, t in zip(made, texts))
    cases = [notes.strange(random.Random(f"lift/note/{i}"), HELD_OUT) for i in range(count)]
    for known in (False, True):
        users = []
        for i, (p, text, verb, kind, _) in enumerate(cases):
            line = notes.meaning(random.Random(i), verb, kind) if known else notes.other_note(random.Random(i), HELD_OUT)
            users.append(f"Note: {line}.\n{solutions.ask(text, solutions.STEPS[0])}")
        texts = ask.one(users)
        flags = [final_answer(t) == str(case[0].answer) for t, case in zip(texts, cases)]
        yield f"strange word, {'the right' if known else 'another'} note, one sample", share(flags)
    made = [d.prompt[-1][1] for d in held_out("style", count)]
    bare = [user.split("\n")[0] for user in made]
    yield "message, no manner asked, is polite", share(style.manner_of(t) == "polite" for t in ask.one(bare))
    yield "message, polite asked", share(style.manner_of(t) == "polite" for t in ask.one([f"{b}\nBe polite." for b in bare]))
    pools = ask.many(bare, 4)
    yield "message, best of 4 by a judge of politeness", share(any(style.manner_of(t) == "polite" for t in pool) for pool in pools)


def iterating(ask, count):
    made = questions("refine", count)
    gold = [str(p.answer) for p in made]
    asked = [solutions.ask(problems.tell(p)) for p in made]
    for name, temperature in (("one sample", 1.0), ("greedy", 0.0)):
        drafts = ask.one([f"{q}\n{solutions.STEPS[0]}" for q in asked], temperature)
        heads = [f"{q}\nDraft:\n{d}\n" for q, d in zip(asked, drafts)]
        critiques = ask.one([head + refine.CRITIQUE[0] for head in heads], temperature)
        revised = ask.one([f"{h}Critique:\n{c}\n{refine.REVISE[0]}" for h, c in zip(heads, critiques)], temperature)
        kept = [d if c.endswith("right") else r for d, c, r in zip(drafts, critiques, revised)]
        right = [final_answer(d) == g for d, g in zip(drafts, gold)]
        yield f"draft, {name}", share(right)
        yield f"draft, critique, revision, {name}", share(final_answer(r) == g for r, g in zip(revised, gold))
        yield f"revision only where the critique finds a fault, {name}", share(final_answer(r) == g for r, g in zip(kept, gold))
        yield f"critique agrees with the truth, {name}", share(c.endswith("right") == ok for c, ok in zip(critiques, right))


def trees(ask, count):
    """Four numbers: one attempt, sixteen attempts, and breadth-first search with proposals and estimates."""
    games = [countdown.game(random.Random(f"lift/game/{i}"), HELD_OUT, 4) for i in range(count)]
    pools = ask.many([f"{countdown.state_text(g.numbers, g.target)}\n{countdown.ATTEMPT[0]}" for g in games], 16)
    solved = [[countdown.verify(t, g.numbers, g.target) for t in pool] for g, pool in zip(games, pools)]
    yield "countdown 4, one sample", share(flag for flags in solved for flag in flags)
    yield "countdown 4, pass@16", share(any(flags) for flags in solved)
    yield "countdown 4, tree search, breadth 5", share(tree(ask, games))


def tree(ask, games, proposals=12, breadth=5):
    fronts = [[g.numbers] for g in games]
    for _ in range(3):
        places = [(i, numbers) for i, front in enumerate(fronts) for numbers in front]
        users = [f"{countdown.state_text(numbers, games[i].target)}\n{countdown.PROPOSE[0]}" for i, numbers in places]
        children = [set() for _ in games]
        for (i, numbers), texts in zip(places, ask.many(users, proposals, limit=40)):
            legal = {countdown.step_text(move)[0]: move[1] for move in countdown.moves(numbers)}
            children[i] |= {tuple(sorted(legal[text])) for text in texts if text in legal}
        states = [(i, numbers) for i, found in enumerate(children) for numbers in sorted(found)]
        users = [f"{countdown.state_text(numbers, games[i].target)}\n{countdown.VALUE[0]}" for i, numbers in states]
        votes = [sum(final_answer(t) == "yes" for t in texts) for texts in ask.many(users, 3, limit=60)]
        scored = [[] for _ in games]
        for (i, numbers), vote in zip(states, votes):
            scored[i].append((vote, numbers))
        fronts = [[numbers for _, numbers in sorted(found, reverse=True)[:breadth]] for found in scored]
    return [(g.target,) in front for g, front in zip(games, fronts)]


ROOMS = {f.__name__: f for f in (searching, tools, decomposing, rephrasing, remembering, iterating, trees)}


def main():
    from .tokenizer import Tokenizer
    from .train import load_model

    parser = argparse.ArgumentParser()
    parser.add_argument("--work", default=str(HERE / ".work"))
    parser.add_argument("--weights", default="")
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    torch.set_num_threads(2)
    if args.weights and not args.weights.endswith(".pt"):
        from .export import read

        model, tokenizer = read(args.weights)
    else:
        tokenizer = Tokenizer.load(Path(args.work) / "tokenizer.json")
        model, _ = load_model(args.weights or Path(args.work) / "tiny.pt")
    table = {}
    for name, room in ROOMS.items():
        if args.only and args.only != name:
            continue
        with torch.no_grad():
            for row, value in room(Asker(model, tokenizer), args.items):
                table[row] = value
                print(f"| {name} | {row} | {value} |", flush=True)
    (Path(args.work) / "lifts.json").write_text(json.dumps({"items": args.items, "accuracy": table}, indent=1))


if __name__ == "__main__":
    main()
