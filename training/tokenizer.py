"""A byte-level BPE with single digits whose rules fit on one page.

Ids: 0-7 are special, 8-263 the bytes, 264 onwards the merges in order. Encoding: the bytes are cut into pieces by one
regular expression over bytes (no Unicode classes), then inside a piece the earliest-learnt merge is applied until none fits.
A byte above 127 counts as a letter and is never merged, so every byte string round-trips.
"""

import json
import re
from collections import Counter
from pathlib import Path

SPECIALS = ["<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>", "<|reserved5|>", "<|reserved6|>", "<|reserved7|>"]
END = 0
ROLES = {"system": 1, "user": 2, "assistant": 3, "tool": 4}
FIRST_BYTE, FIRST_MERGE = len(SPECIALS), len(SPECIALS) + 256
PIECE = re.compile(
    rb"'(?:s|t|re|ve|m|ll|d)"
    rb"| ?[A-Za-z\x80-\xff]+"
    rb"|[0-9]"
    rb"| ?[^ \t-\r0-9A-Za-z\x80-\xff]+"
    rb"|[ \t-\r]+(?![^ \t-\r0-9])"
    rb"|[ \t-\r]"
)


class Tokenizer:
    def __init__(self, merges):
        self.merges = [tuple(pair) for pair in merges]
        self.rank = {pair: i for i, pair in enumerate(self.merges)}
        self.bytes = [b""] * FIRST_BYTE + [bytes([b]) for b in range(256)]
        for a, b in self.merges:
            self.bytes.append(self.bytes[a] + self.bytes[b])
        self.cache = {}

    @property
    def size(self):
        return len(self.bytes)

    def encode(self, text):
        data = text.encode() if isinstance(text, str) else text
        ids = []
        for piece in PIECE.findall(data):
            known = self.cache.get(piece)
            if known is None:
                known = self.encode_piece(piece)
                if len(self.cache) < 200000:
                    self.cache[piece] = known
            ids += known
        return ids

    def encode_piece(self, piece):
        ids = [FIRST_BYTE + b for b in piece]
        while len(ids) > 1:
            rank, at = min((self.rank.get(pair, 1 << 30), i) for i, pair in enumerate(zip(ids, ids[1:])))
            if rank == 1 << 30:
                break
            ids[at : at + 2] = [FIRST_MERGE + rank]
        return ids

    def decode_bytes(self, ids):
        return b"".join(self.bytes[i] for i in ids)

    def decode(self, ids):
        return self.decode_bytes(ids).decode("utf-8", "replace")

    def encode_turns(self, turns):
        """Token ids of a chat: a role token before each text, `<|end|>` after each of the assistant's."""
        ids = []
        for role, text in turns:
            ids += [ROLES[role]] + self.encode(text) + ([END] if role == "assistant" else [])
        return ids

    def encode_prompt(self, turns):
        """A chat that waits for the assistant."""
        return self.encode_turns(turns) + [ROLES["assistant"]]

    def save(self, path):
        body = {"format": "plusx-bpe-1", "specials": SPECIALS, "roles": ROLES, "end": END, "merges": self.merges}
        Path(path).write_text(json.dumps(body, separators=(",", ":")))

    @staticmethod
    def load(path):
        return Tokenizer(json.loads(Path(path).read_text())["merges"])


def train(texts, size):
    """Learns merges from the most frequent neighbouring pair on; only ASCII bytes are merged; ties go to the smaller pair."""
    pieces = Counter(piece for text in texts for piece in PIECE.findall(text.encode()))
    words = [([FIRST_BYTE + b for b in piece], count) for piece, count in pieces.items() if max(piece) < 128]
    pairs, where = Counter(), {}
    for i, (ids, count) in enumerate(words):
        for pair in zip(ids, ids[1:]):
            pairs[pair] += count
            where.setdefault(pair, set()).add(i)
    merges = []
    while len(merges) + FIRST_MERGE < size:
        best = max(pairs.items(), key=lambda item: (item[1], (-item[0][0], -item[0][1])))[0]
        new = FIRST_MERGE + len(merges)
        merges.append(best)
        for i in list(where[best]):
            ids, count = words[i]
            for pair in zip(ids, ids[1:]):
                pairs[pair] -= count
            out, at = [], 0
            while at < len(ids):
                if at + 1 < len(ids) and (ids[at], ids[at + 1]) == best:
                    out.append(new)
                    at += 2
                else:
                    out.append(ids[at])
                    at += 1
            words[i] = (out, count)
            for pair in zip(out, out[1:]):
                pairs[pair] += count
                where.setdefault(pair, set()).add(i)
    return Tokenizer(merges)
