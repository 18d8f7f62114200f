"""What one training or test conversation is, and how it is written in Qwen3's ChatML.

`render` is the plain-Python twin of `material/chat_template.jinja`; a test holds the two together. Python is used
in training because it also says which stretches of the text the model must learn to write.
"""

import json
from dataclasses import dataclass, field

NO_THOUGHT = '<think>\n\n</think>\n\n'

# Shorter than Qwen3's own words round the same list: a network of this size learns the form, not the explanation.
TOOLS_HEAD = '<tools>'
TOOLS_TAIL = '\n</tools>'


@dataclass(frozen=True)
class Turn:
    """One message. `thought` and `calls` belong to the assistant only."""

    role: str
    content: str = ''
    thought: str = ''
    calls: tuple[dict, ...] = ()


@dataclass(frozen=True)
class Example:
    """A conversation that ends with the assistant's reply to be learned, and how a reply is checked."""

    kind: str
    turns: tuple[Turn, ...]
    tools: tuple[dict, ...] = ()
    system: str = ''
    thinking: bool = True
    compact: bool = False
    check: dict = field(default_factory=dict)

    @property
    def prompt(self) -> tuple[Turn, ...]:
        return self.turns[:-1]

    @property
    def reply(self) -> Turn:
        return self.turns[-1]


@dataclass(frozen=True)
class Piece:
    """A stretch of text; `learned` says whether it counts in the loss."""

    text: str
    learned: bool


def dump(value: object, compact: bool = False) -> str:
    separators = (',', ':') if compact else (', ', ': ')
    return json.dumps(value, ensure_ascii=False, separators=separators)


def written_reply(turn: Turn) -> str:
    """The assistant's reply after its thought."""
    calls = [f'<tool_call>\n{dump(call)}\n</tool_call>' for call in turn.calls]
    return '\n'.join(([turn.content] if turn.content else []) + calls)


def render_prompt(example: Example) -> str:
    """Everything up to and including the header of the last assistant turn."""
    parts: list[str] = []
    if example.tools:
        head = f'{example.system}\n\n' if example.system else ''
        listed = ''.join(f'\n{dump(tool, example.compact)}' for tool in example.tools)
        parts.append(f'<|im_start|>system\n{head}{TOOLS_HEAD}{listed}{TOOLS_TAIL}<|im_end|>\n')
    elif example.system:
        parts.append(f'<|im_start|>system\n{example.system}<|im_end|>\n')
    last_question = max(i for i, turn in enumerate(example.turns) if turn.role == 'user')
    for index, turn in enumerate(example.prompt):
        if turn.role == 'tool':
            parts.append(f'<|im_start|>user\n<tool_response>\n{turn.content}\n</tool_response><|im_end|>\n')
        elif turn.role == 'assistant':
            thought = f'<think>\n{turn.thought}\n</think>\n\n' if index > last_question and turn.thought else ''
            parts.append(f'<|im_start|>assistant\n{thought}{written_reply(turn)}<|im_end|>\n')
        else:
            parts.append(f'<|im_start|>{turn.role}\n{turn.content}<|im_end|>\n')
    parts.append('<|im_start|>assistant\n')
    if not example.thinking:
        parts.append(NO_THOUGHT)
    return ''.join(parts)


def render(example: Example) -> list[Piece]:
    """Prompt and reply as pieces; only what the model itself writes is learned."""
    thought = ''
    if example.thinking:
        thought = f'<think>\n{example.reply.thought}\n</think>\n\n' if example.reply.thought else NO_THOUGHT
    reply = f'{thought}{written_reply(example.reply)}<|im_end|>'
    return [Piece(render_prompt(example), False), Piece(reply, True)]
