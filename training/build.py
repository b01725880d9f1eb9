"""Makes the tokenizer and the tokenised training stream: python -m training.build --documents 900000."""

import argparse
import json
import time
from multiprocessing import Pool
from pathlib import Path

import numpy as np

from .corpus.mix import document
from .tokenizer import END, ROLES, Tokenizer, train

HERE = Path(__file__).parent
PROMPT_WEIGHT = 12  # per cent: texts of the user, the system and tools count this much, the assistant's count in full
CHUNK = 20000


def encode(tokenizer, made):
    """Ids and loss weights (in per cent) of a document; `unlearned` turns, such as drafts with planted slips, weigh nothing."""
    ids, weights = [], []
    for i, (role, text) in enumerate(made.turns):
        body = tokenizer.encode(text)
        if role == "assistant":
            body.append(END)
        weight = 100 if role == "assistant" else PROMPT_WEIGHT
        if i in made.data.get("unlearned", ()):
            weight = 0
        ids += [ROLES[role]] + body
        weights += [0 if i == 0 else PROMPT_WEIGHT] + [weight] * len(body)
    return ids, weights


def chunk(job):
    path, tokenizer_path, seed, first, last, total = job
    if path.exists():
        return path
    tokenizer = Tokenizer.load(tokenizer_path)
    ids, weights, lengths, families = [], [], [], {}
    for index in range(first, last):
        made = document(seed, index, index / total)
        some, heavy = encode(tokenizer, made)
        if len(some) > 512:
            continue
        ids += some
        weights += heavy
        lengths.append(len(some))
        families[made.family] = families.get(made.family, 0) + len(some)
    with open(path.with_suffix(".part"), "wb") as file:
        np.savez(file, ids=np.array(ids, np.uint16), weights=np.array(weights, np.uint8), lengths=np.array(lengths, np.uint16))
    path.with_suffix(".part").rename(path)
    path.with_suffix(".json").write_text(json.dumps(families))
    return path


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=900000)
    parser.add_argument("--seed", default="tiny")
    parser.add_argument("--vocabulary", type=int, default=1024)
    parser.add_argument("--work", default=str(HERE / ".work"))
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    work = Path(args.work)
    (work / "data").mkdir(parents=True, exist_ok=True)
    started = time.time()
    path = work / "tokenizer.json"
    if not path.exists():
        texts = (text for i in range(40000) for _, text in document(args.seed + "/tokenizer", i, 0.3).turns)
        train(texts, args.vocabulary).save(path)
        print(f"tokenizer: {time.time() - started:.0f} s", flush=True)
    jobs = []
    for first in range(0, args.documents, CHUNK):
        last = min(first + CHUNK, args.documents)
        jobs.append((work / "data" / f"{first:08d}.npz", path, args.seed, first, last, args.documents))
    with Pool(args.processes) as pool:
        for i, done in enumerate(pool.imap(chunk, jobs)):
            print(f"{done.name} {i + 1}/{len(jobs)} {time.time() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
