"""Drives `responses` of the unmodified `openai` package for Python and prints what it saw as JSON, in the
shape of responses-client.mjs.

Usage: responses_client.py URL KEY MODEL
"""

import json
import sys

import openai

TOOL = {
    "type": "function",
    "name": "get_weather",
    "description": "Current weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "strict": True,
}


def error_of(action) -> str:
    """Class and code of the error that the client raises."""
    try:
        action()
    except openai.APIStatusError as error:
        return f"{type(error).__name__} {error.code}"
    return "none"


def main() -> None:
    url, key, model = sys.argv[1:4]
    client = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, timeout=30)
    create = client.responses.create
    plain = create(model=model, input="Hello", instructions="Be kind.")
    with client.responses.stream(model=model, input="Hello") as stream:
        text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        streamed = stream.get_final_response()
    following = create(model=model, input="Repeat what I said first.", previous_response_id=plain.id)
    calling = create(model=model, input="What is the weather in Paris?", tools=[TOOL])
    call = next(item for item in calling.output if item.type == "function_call")
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "rain"}
    told = create(model=model, previous_response_id=calling.id, tools=[TOOL], input=[result])
    got = client.responses.retrieve(plain.id)
    items = client.responses.input_items.list(plain.id)
    client.responses.delete(plain.id)
    usage = plain.usage
    print(
        json.dumps(
            {
                "plain": {
                    "text": plain.output_text,
                    "status": plain.status,
                    "kinds": [item.type for item in plain.output],
                    "usage": [
                        usage.input_tokens,
                        usage.input_tokens_details.cached_tokens,
                        usage.output_tokens,
                        usage.output_tokens_details.reasoning_tokens,
                    ],
                },
                "stream": {"text": text, "same": text == streamed.output_text, "status": streamed.status},
                "next": following.output_text,
                "call": {"name": call.name, "arguments": json.loads(call.arguments)},
                "told": told.output_text,
                "got": got.id == plain.id and got.output_text == plain.output_text,
                "items": [item.content for item in items.data],
                "errors": [
                    error_of(lambda: client.responses.retrieve(plain.id)),
                    error_of(lambda: create(model=model, input="x", previous_response_id=plain.id)),
                    error_of(lambda: create(model=model, input="x", background=True)),
                ],
            }
        )
    )


if __name__ == "__main__":
    main()
