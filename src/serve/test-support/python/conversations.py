"""The conversations of the clients in TypeScript, held by OpenAI's Python package. Prints a line of JSON for each that went well.

    python conversations.py BASE_URL MODEL

What the upstream answers is chosen by the id of the model behind the formula: `{}` in MODEL stands for it.
"""

import json
import sys

import openai
from openai import OpenAI

base_url, formula = sys.argv[1:]
client = OpenAI(base_url=base_url, api_key="none", max_retries=0)
messages = [{"role": "user", "content": "What is 2 + 2?"}]
look = {"name": "look", "parameters": {"type": "object", "properties": {"at": {"type": "number"}}}}
image = "data:image/png;base64,iVBORw0KGgo="


def model(behind):
    return formula.replace("{}", behind)


def chat(behind, **more):
    return client.chat.completions.create(**{"model": model(behind), "messages": messages, **more})


def text():
    reply = chat("test")
    assert reply.choices[0].message.content == "The answer is 4.", reply
    assert reply.choices[0].finish_reason == "stop"
    assert reply.usage.total_tokens > 0
    assert reply.model == model("test")


def stream():
    written, usage, finishes = "", None, []
    for chunk in chat("test", stream=True, stream_options={"include_usage": True}):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            written += choice.delta.content or ""
            finishes.append(choice.finish_reason)
    assert written == "The answer is 4.", written
    assert usage.total_tokens > 0
    assert [one for one in finishes if one] == ["stop"] and finishes[-1] == "stop", finishes


def tools(streaming):
    said, seen = list(messages), []
    for _ in range(5):
        asked = {"messages": said, "tools": [{"type": "function", "function": look}]}
        if streaming:
            with client.chat.completions.stream(model=model("tools"), **asked) as events:
                for _event in events:
                    pass
                message = events.get_final_completion().choices[0].message
        else:
            message = chat("tools", **asked).choices[0].message
        said.append(message.model_dump(exclude_none=True))
        if not message.tool_calls:
            break
        for call in message.tool_calls:
            seen.append(json.loads(call.function.arguments)["at"])
            said.append({"role": "tool", "tool_call_id": call.id, "content": f"seen {seen[-1]}"})
    assert seen == [0, 1, 2, 3], seen
    assert message.content == "Seen all.", message


def image_stop_and_schema():
    schema = {"type": "object", "properties": {"answer": {"type": "number"}}}
    content = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": image}}]
    reply = chat(
        "json",
        messages=[{"role": "user", "content": content}],
        stop=[" END"],
        response_format={"type": "json_schema", "json_schema": {"name": "r", "strict": True, "schema": schema}},
    )
    assert json.loads(reply.choices[0].message.content) == {"answer": 4}, reply


def logprobs():
    reply = chat("many", logprobs=True, top_logprobs=2)
    tokens = reply.choices[0].logprobs.content
    assert "".join(one.token for one in tokens) == reply.choices[0].message.content
    assert tokens[-1].top_logprobs


def several_by_seed():
    first, second = ([one.message.content for one in chat("many", n=3, seed=11).choices] for _ in range(2))
    assert len(first) == 3 and first == second, (first, second)


def refusal():
    reply = chat("refuses")
    assert reply.choices[0].message.refusal == "I cannot help with that.", reply
    assert reply.choices[0].message.content is None


def raises(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def errors():
    raises(openai.NotFoundError, lambda: chat("test", model="nothing"))
    raises(openai.BadRequestError, lambda: chat("test", model=model("test") + " + nothing"))
    raises(openai.BadRequestError, lambda: chat("fails400"))
    error = raises(openai.InternalServerError, lambda: chat("fails401"))
    assert error.code == "upstream_401", error


def leaves():
    raises(openai.APITimeoutError, lambda: client.with_options(timeout=0.5).chat.completions.create(
        model=model("slow"), messages=messages))


def responses():
    reply = client.responses.create(model=model("test"), input="2 + 2?", instructions="Be exact.")
    assert (reply.output_text, reply.status) == ("The answer is 4.", "completed"), reply


def responses_stream():
    types = []
    with client.responses.stream(model=model("test"), input="2 + 2?") as events:
        for event in events:
            types.append(event.type)
        assert events.get_final_response().output_text == "The answer is 4."
    assert types[0] == "response.created" and types[-1] == "response.completed", types


def responses_tools():
    said, seen = [{"role": "user", "content": "Look around."}], []
    for _ in range(5):
        tools = [{"type": "function", "strict": False, **look}]
        reply = client.responses.create(model=model("tools"), input=said, tools=tools)
        said += [item.model_dump(exclude_none=True) for item in reply.output]
        calls = [item for item in reply.output if item.type == "function_call"]
        if not calls:
            break
        for call in calls:
            seen.append(json.loads(call.arguments)["at"])
            said.append({"type": "function_call_output", "call_id": call.call_id, "output": f"seen {seen[-1]}"})
    assert seen == [0, 1, 2, 3], seen
    assert reply.output_text == "Seen all.", reply


def responses_errors():
    raises(openai.NotFoundError, lambda: client.responses.create(model="nothing", input="x"))
    raises(openai.BadRequestError, lambda: client.responses.create(model=model("test"), input="x", max_output_tokens=-1))


def models():
    assert "up/test" in [one.id for one in client.models.list()]


CONVERSATIONS = {
    "text": text,
    "stream": stream,
    "three rounds of tools, two at once": lambda: tools(False),
    "three rounds of tools in streams": lambda: tools(True),
    "image, stop, JSON schema": image_stop_and_schema,
    "log-probabilities": logprobs,
    "several, by seed": several_by_seed,
    "refusal": refusal,
    "errors": errors,
    "leaving": leaves,
    "responses": responses,
    "responses in a stream": responses_stream,
    "responses with three rounds of tools": responses_tools,
    "errors of responses": responses_errors,
    "the list of models": models,
}

for name, conversation in CONVERSATIONS.items():
    try:
        conversation()
    except Exception as error:  # told by its name, so that one does not hide the others
        print(json.dumps({"name": name, "failed": f"{type(error).__name__}: {error}"}))
    else:
        print(json.dumps({"name": name}))
