"""One optimizer of DSPy on one task: reads a job as JSON from standard input, prints what the optimized program answers to the held-out questions."""

import contextlib
import json
import logging
import random
import sys
import time
import urllib.request

import dspy
from dspy.adapters.base import Adapter

job = json.load(sys.stdin)
logging.disable(logging.WARNING)


class Plain(Adapter):
    """Question and answer as they are, for models too small for DSPy's own layout: the instruction, then turns, and the whole reply is the answer."""

    def format_system_message(self, signature):
        return signature.instructions

    def format_user_message_content(self, signature, inputs, prefix="", suffix="", main_request=False):
        names = [name for name in signature.input_fields if name in inputs]
        if len(names) == 1:
            return str(inputs[names[0]])
        wanted = list(signature.output_fields)[-1]
        return "\n".join([*(f"{name}: {inputs[name]}" for name in names), f"{wanted}:"])

    def format_assistant_message_content(self, signature, outputs, missing_field_message=None):
        return str(outputs.get(list(signature.output_fields)[-1]) or missing_field_message or "")

    def parse(self, signature, completion):
        *others, last = signature.output_fields
        return {**{name: "" for name in others}, last: completion.strip()}


def lm(name, temperature, tokens):
    return dspy.LM(
        f"openai/{job['model']}",
        api_base=job[name],
        api_key="none",
        model_type="chat",
        cache=False,
        temperature=temperature,
        max_tokens=tokens,
        num_retries=0,
    )


def grade(item, text):
    body = json.dumps({"id": item.id, "text": text or ""}).encode()
    with urllib.request.urlopen(urllib.request.Request(job["grading"], body)) as reply:
        return json.load(reply)["grade"]


def metric(example, prediction, trace=None):
    return grade(example, getattr(prediction, "answer", "")) == 1


def feedback(example, prediction, trace=None, pred_name=None, pred_trace=None):
    right = metric(example, prediction)
    answer = getattr(prediction, "answer", "")
    says = "Right." if right else f"Wrong: the answer is {example.answer!r}, and the reply was {answer!r}."
    return dspy.Prediction(score=float(right), feedback=says)


def examples(rows):
    return [dspy.Example(**row).with_inputs("question") for row in rows]


def optimized(program, train, val):
    name, seed, calls = job["optimizer"], job["seed"], job["calls"]
    lanes = job["lanes"]
    if name == "none":
        return program
    if name == "BootstrapFewShotWithRandomSearch":
        sets = max(1, (calls - len(train)) // len(val) - 3)
        made = dspy.BootstrapFewShotWithRandomSearch(
            metric, max_bootstrapped_demos=4, max_labeled_demos=8, num_candidate_programs=sets, num_threads=lanes
        )
        return made.compile(program, trainset=train, valset=val)
    if name == "MIPROv2":
        batch = len(val) // 2
        trials = max(2, (calls - 40 - 3 * len(val)) // batch)
        made = dspy.MIPROv2(
            metric,
            auto=None,
            num_candidates=4,
            seed=seed,
            num_threads=lanes,
            prompt_model=lm("search", 1.0, 100),
            max_bootstrapped_demos=4,
            max_labeled_demos=8,
            verbose=False,
        )
        return made.compile(
            program, trainset=train, valset=val, num_trials=trials, minibatch_size=batch, minibatch_full_eval_steps=5
        )
    if name == "GEPA":
        made = dspy.GEPA(
            feedback, max_metric_calls=calls - 20, reflection_lm=lm("search", 1.0, 100), seed=seed, num_threads=lanes
        )
        return made.compile(program, trainset=train, valset=val)
    raise SystemExit(f"no optimizer is named {name}")


def main():
    dspy.configure(
        lm=lm("search", job["temperature"], job["tokens"]), adapter=Plain() if job["adapter"] == "plain" else dspy.ChatAdapter()
    )
    rows = list(job["labelled"])
    random.Random(job["seed"]).shuffle(rows)
    train, val = examples(rows[: len(rows) // 2]), examples(rows[len(rows) // 2 :])
    program = dspy.Predict(dspy.Signature("question -> answer", job["instruction"]))
    before = time.perf_counter()
    error = None
    try:
        made = optimized(program, train, val)
    except Exception as caught:  # an optimizer that fails is a figure as well
        made, error = program, f"{type(caught).__name__}: {str(caught)[:200]}"
    seconds = time.perf_counter() - before
    dspy.configure(lm=lm("test", job["temperature"], job["tokens"]))
    if made is not program:
        made.set_lm(lm("test", job["temperature"], job["tokens"]))
    answers, unread = [], 0
    for example in examples(job["held"]):
        try:
            answers.append(made(question=example.question).answer)
        except Exception:
            answers.append("")
            unread += 1
    demos = [dict(demo) for demo in made.demos]
    return {
        "answers": answers,
        "unread": unread,
        "seconds": seconds,
        "error": error,
        "instruction": made.signature.instructions,
        "demonstrations": len(demos),
    }


with contextlib.redirect_stdout(sys.stderr):
    found = main()
print(json.dumps(found))
