"""Held-out prompts of all golden families, for comparing runtimes: python -m training.prompts --out scripts/measure/prompts.json."""

import argparse
import json
from pathlib import Path

from .evaluate import held_out
from .export import GOLDEN


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    parser.add_argument("--count", type=int, default=100)
    args = parser.parse_args()
    # llama.cpp is asked through a chat of three roles, so conversations with tools are left out.
    made = [held_out(name, args.count // 8, "runtimes") for name in GOLDEN]
    rows = [each.prompt for rank in zip(*made) for each in rank if all(role != "tool" for role, _ in each.prompt)]
    rows = rows[: args.count]
    Path(args.out).write_text("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n")


if __name__ == "__main__":
    main()
