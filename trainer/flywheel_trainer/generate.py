"""Greedy replies from a Hugging Face folder, in batches, in float32 on the CPU."""

from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from .tokenizer import END, PAD


class Writer:
    """A loaded model that continues prompts greedily."""

    def __init__(self, folder: Path, adapter: Path | None = None):
        if not (folder / 'model.safetensors').is_file():
            raise SystemExit(f'No model in {folder}: model.safetensors is missing. Train one, or name another folder with --model.')
        self.tokenizer = Tokenizer.from_file(str(folder / 'tokenizer.json'))
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        if adapter:
            from peft import PeftModel

            self.model = PeftModel.from_pretrained(self.model, adapter).eval()
        self.end, self.pad = self.tokenizer.token_to_id(END), self.tokenizer.token_to_id(PAD)

    def ids(self, prompt: str) -> list[int]:
        return self.tokenizer.encode(prompt, add_special_tokens=False).ids

    @torch.inference_mode()
    def tokens(self, prompts: list[str], limit: int = 192) -> list[list[int]]:
        """New token ids for each prompt, without the end mark."""
        rows = [self.ids(prompt) for prompt in prompts]
        width = max(map(len, rows))
        ids = torch.tensor([[self.pad] * (width - len(row)) + row for row in rows])
        mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
        out = self.model.generate(input_ids=ids, attention_mask=mask, max_new_tokens=limit, do_sample=False,
                                  eos_token_id=self.end, pad_token_id=self.pad)
        cut = []
        for row in out[:, width:].tolist():
            cut.append(row[: row.index(self.end)] if self.end in row else row)
        return cut

    def text(self, ids: list[int]) -> str:
        return self.tokenizer.decode(ids, skip_special_tokens=False)

    def replies(self, prompts: list[str], limit: int = 192, batch: int = 64) -> list[str]:
        """Replies in the order of `prompts`; prompts of similar length share a batch."""
        order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
        out = [''] * len(prompts)
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            for index, ids in zip(chosen, self.tokens([prompts[i] for i in chosen], limit), strict=True):
                out[index] = self.text(ids)
        return out
