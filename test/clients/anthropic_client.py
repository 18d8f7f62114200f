"""Drives the unmodified `anthropic` package for Python and prints what it saw as JSON, in the shape of
anthropic-client.mjs.

Usage: anthropic_client.py URL KEY MODEL
"""

import json
import sys

import anthropic

TOOL = {
    "name": "get_weather",
    "description": "Current weather of a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def error_of(action) -> list:
    """Class, status and type of the error that the client raises."""
    try:
        action()
    except anthropic.APIStatusError as error:
        kind = error.body["error"]["type"]
        return [type(error).__name__, error.status_code, kind, error.request_id is not None]
    return ["none"]


def streamed(client: anthropic.Anthropic, **body):
    """The text as it came, and the message that it became."""
    with client.messages.stream(**body) as stream:
        text = "".join(stream.text_stream)
        return text, stream.get_final_message()


def main() -> None:
    url, key, model = sys.argv[1:4]
    client = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0, timeout=30)
    hello = {"model": model, "max_tokens": 64, "messages": [{"role": "user", "content": "Hello"}]}
    plain = client.messages.create(**hello, system="Be kind.")
    text, message = streamed(client, **hello)
    question = {"role": "user", "content": "What is the weather in Paris?"}
    asking = {**hello, "messages": [question], "tools": [TOOL]}
    _, calling = streamed(client, **asking)
    call = next(block for block in calling.content if block.type == "tool_use")
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "rain"}
    turns = [question, {"role": "assistant", "content": calling.content}, {"role": "user", "content": [result]}]
    told = client.messages.create(**{**asking, "messages": turns})
    stranger = anthropic.Anthropic(base_url=url, api_key="sk-fw-wrong", max_retries=0)
    bearer = anthropic.Anthropic(base_url=url, auth_token=key, max_retries=0)
    countable = {name: value for name, value in asking.items() if name != "max_tokens"}
    usage = plain.usage
    print(
        json.dumps(
            {
                "plain": {
                    "kinds": [block.type for block in plain.content],
                    "text": plain.content[-1].text,
                    "stop": plain.stop_reason,
                    "usage": [usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens],
                },
                "stream": {
                    "same": text == message.content[-1].text,
                    "text": text,
                    "kinds": [block.type for block in message.content],
                    "usage": [message.usage.input_tokens, message.usage.output_tokens],
                },
                "call": {"name": call.name, "input": call.input, "stop": calling.stop_reason},
                "told": told.content[-1].text,
                "bearer": bearer.messages.create(**hello).role,
                "tokens": client.messages.count_tokens(**countable).input_tokens,
                "errors": [
                    error_of(lambda: stranger.messages.create(**hello)),
                    error_of(lambda: client.messages.create(**{**hello, "model": "nobody/nothing"})),
                    error_of(lambda: client.messages.create(**{**hello, "messages": []})),
                ],
            }
        )
    )


if __name__ == "__main__":
    main()
