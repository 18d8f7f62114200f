"""Drives the unmodified `dashscope` package against a running cloud and prints what it saw as JSON.

Usage: dashscope_client.py URL KEY MODEL
"""

import asyncio
import json
import sys

import dashscope
from dashscope import AioGeneration, Generation, MultiModalConversation, TextEmbedding
from dashscope.client.base_api import BaseAsyncApi
from dashscope.v2 import errors

QUESTION = [{"role": "user", "content": "Hello"}]

TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Current weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


def ask(model: str, **options):
    """One question with a bound on its length; the answer is the same each time."""
    options.setdefault("messages", QUESTION)
    options.setdefault("result_format", "message")
    return Generation.call(model=model, max_tokens=32, temperature=0, **options)


def contents(responses) -> list:
    """What each event of a stream carried, how it ended, and the usage of the last."""
    events = list(responses)
    choices = [event.output.choices[0] for event in events]
    return {
        "texts": [choice.message.content for choice in choices],
        "finishes": [choice.finish_reason for choice in choices],
        "usage": events[-1].usage,
        "request_ids": sorted({event.request_id for event in events}),
    }


def refusal(response) -> list:
    """Status, code and whether there is a message and an id."""
    return [response.status_code, response.code, bool(response.message), bool(response.request_id)]


def raised(action) -> str:
    """Name of the exception class that the second generation of the client raises."""
    try:
        action()
    except errors.DashScopeError as error:
        return type(error).__name__
    return "none"


class LaterGeneration(BaseAsyncApi):
    """Text generation by the task frame that the package's image and video classes stand on."""

    @classmethod
    def submit(cls, model: str):
        return cls.async_call(
            model=model,
            input={"messages": QUESTION},
            task_group="aigc",
            task="text-generation",
            function="generation",
            result_format="message",
            max_tokens=32,
            temperature=0,
        )


def later(model: str) -> dict:
    """A task from its creation to its result, and how it is listed."""
    created = LaterGeneration.submit(model)
    done = LaterGeneration.wait(created)
    listed = LaterGeneration.list(status="SUCCEEDED")
    return {
        "created": created.output["task_status"],
        "done": done.output["task_status"],
        "text": done.output["choices"][0]["message"]["content"],
        "usage": done.usage,
        "listed": created.output["task_id"] in [task["task_id"] for task in listed.output["data"]],
        "cancel_too_late": refusal(LaterGeneration.cancel(created)),
        "unknown": LaterGeneration.fetch("0192e3a4-0000-0000-0000-000000000000").output["task_status"],
    }


async def asked_asynchronously(model: str) -> str:
    """The same question by the client for asyncio."""
    response = await AioGeneration.call(
        model=model, messages=QUESTION, result_format="message", max_tokens=32, temperature=0
    )
    return response.output.choices[0].message.content


def second_generation(url: str, key: str, model: str) -> dict:
    """The client that came with version 2, over each protocol that it can speak."""
    seen = {}
    for protocol, base in (
        ("native", "/api/v1"),
        ("openai", "/compatible-mode/v1"),
        ("anthropic", "/apps/anthropic"),
    ):
        client = dashscope.Client(
            api_key=key, base_url=url + base, protocol=protocol, max_retries=0
        )
        options = {"model": model, "messages": QUESTION, "max_tokens": 32, "temperature": 0}
        chunks = client.chat.completions.create(stream=True, **options)
        seen[protocol] = {
            "text": client.chat.completions.create(**options).output_text,
            "streamed": "".join(
                choice.delta.content or "" for chunk in chunks for choice in chunk.choices
            ),
            "unknown_model": raised(
                lambda: client.chat.completions.create(**{**options, "model": "nobody/none"})
            ),
        }
    stranger = dashscope.Client(api_key="sk-fw-wrong", base_url=f"{url}/api/v1", max_retries=0)
    seen["wrong_key"] = raised(
        lambda: stranger.chat.completions.create(model=model, messages=QUESTION)
    )
    return seen


def main() -> None:
    url, key, model = sys.argv[1:4]
    dashscope.base_http_api_url = f"{url}/api/v1"
    dashscope.api_key = key
    whole = ask(model)
    text = ask(model, messages=None, prompt="Hello", result_format="text")
    called = ask(
        model,
        messages=[{"role": "user", "content": "What is the weather in Paris?"}],
        tools=[TOOL],
        tool_choice={"type": "function", "function": {"name": "get_weather"}},
    )
    parts = MultiModalConversation.call(
        model=model,
        messages=[{"role": "user", "content": [{"text": "Hello"}]}],
        max_tokens=32,
        temperature=0,
    )
    vectors = TextEmbedding.call(model=model, input=["one", "two"])
    print(
        json.dumps(
            {
                "whole": {
                    "text": whole.output.choices[0].message.content,
                    "finish": whole.output.choices[0].finish_reason,
                    "usage": whole.usage,
                    "request_id": whole.request_id,
                },
                "text": text.output.text,
                "incremental": contents(ask(model, stream=True, incremental_output=True)),
                # The package merges increments itself where it is told to; without the word the
                # cloud's own default speaks, which is everything so far.
                "so_far": contents(ask(model, stream=True)),
                "merged": contents(ask(model, stream=True, incremental_output=False)),
                "tools": [
                    [call["function"]["name"], json.loads(call["function"]["arguments"])]
                    for call in called.output.choices[0].message.tool_calls
                ],
                "parts": parts.output.choices[0].message.content,
                "embeddings": [len(entry["embedding"]) for entry in vectors.output["embeddings"]],
                "embedding_usage": vectors.usage,
                "wrong_key": refusal(ask(model, api_key="sk-fw-wrong")),
                "unknown_model": refusal(ask("nobody/none")),
                "bad_parameter": refusal(ask(model, stop=[1, 2])),
                "streamed_refusal": refusal(next(ask("nobody/none", stream=True))),
                "later": later(model),
                "asyncio": asyncio.run(asked_asynchronously(model)),
                "second": second_generation(url, key, model),
            }
        )
    )


if __name__ == "__main__":
    main()
