"""Drives the unmodified `openai` package for Python against a running cloud and prints what it saw as JSON,
in the shape of openai-client.mjs.

Usage: openai_client.py URL KEY MODEL
"""

import json
import sys

import openai

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

SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "answer",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"answer": {"type": "integer"}, "sure": {"type": "boolean"}},
            "required": ["answer", "sure"],
            "additionalProperties": False,
        },
    },
}


def ask(client: openai.OpenAI, model: str, **options):
    """One non-streaming question with a bound on its length."""
    options.setdefault("max_tokens", 64)
    options.setdefault("messages", [{"role": "user", "content": "What is 2 + 3?"}])
    return client.chat.completions.create(model=model, **options)


def streamed(client: openai.OpenAI, model: str, **options) -> dict:
    """A streamed answer: its text, how it ended, and the usage if there was one."""
    chunks = list(ask(client, model, stream=True, temperature=0, **options))
    choices = [choice for chunk in chunks for choice in chunk.choices]
    usages = [chunk.usage.model_dump() for chunk in chunks if chunk.usage]
    return {
        "text": "".join(choice.delta.content or "" for choice in choices),
        "finish": choices[-1].finish_reason,
        "usage": usages[0] if usages else None,
    }


def error_of(action) -> str:
    """Name of the exception class that the client raises."""
    try:
        action()
    except openai.OpenAIError as error:
        return type(error).__name__
    return "none"


def main() -> None:
    url, key, model = sys.argv[1:4]
    client = openai.OpenAI(base_url=f"{url}/v1", api_key=key, timeout=60, max_retries=0)
    plain = ask(client, model)
    called = ask(
        client,
        model,
        messages=[{"role": "user", "content": "What is the weather in Paris?"}],
        tools=[TOOL],
        tool_choice="required",
    )
    schema = ask(client, model, response_format=SCHEMA)
    vectors = client.embeddings.create(model=model, input=["one", "two"])
    stranger = openai.OpenAI(base_url=f"{url}/v1", api_key="sk-fw-wrong", max_retries=0)
    print(
        json.dumps(
            {
                "models": [entry.id for entry in client.models.list()],
                "plain": {
                    "model": plain.model,
                    "finish": plain.choices[0].finish_reason,
                    "usage": plain.usage.model_dump(),
                },
                "stream": streamed(client, model, stream_options={"include_usage": True}),
                "stream_without_usage": streamed(client, model),
                "tools": [
                    {"name": call.function.name, "arguments": json.loads(call.function.arguments)}
                    for call in called.choices[0].message.tool_calls or []
                ],
                "tools_finish": called.choices[0].finish_reason,
                "schema": json.loads(schema.choices[0].message.content or "null"),
                "embeddings": [len(entry.embedding) for entry in vectors.data],
                "wrong_key": error_of(lambda: ask(stranger, model)),
                "unknown_model": error_of(lambda: ask(client, "nobody/nothing")),
                "bad_request": error_of(lambda: ask(client, model, temperature="hot")),
            }
        )
    )


if __name__ == "__main__":
    main()
