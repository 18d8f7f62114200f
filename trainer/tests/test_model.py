"""Our network and the transformers one are the same function. Skipped where torch is not installed."""

import pytest

torch = pytest.importorskip('torch')


def test_same_hidden_states_as_transformers() -> None:
    from transformers import Qwen3Config, Qwen3ForCausalLM

    from flywheel_trainer.model import ModelShape, TinyModel, rotary_table

    shape = ModelShape(vocab_size=64, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=16)
    ours = TinyModel(shape).eval()
    theirs = Qwen3ForCausalLM(Qwen3Config(**shape.as_dict(), tie_word_embeddings=True)).eval()
    missing = theirs.load_state_dict({f'model.{name}': value for name, value in ours.state_dict().items()}, strict=False)
    assert missing.missing_keys in ([], ['lm_head.weight'])
    theirs.tie_weights()
    tokens = torch.randint(0, 64, (2, 9))
    with torch.no_grad():
        expected = theirs.model(tokens).last_hidden_state
        found = ours.hidden(tokens, *rotary_table(9, shape.head_dim, shape.rope_theta))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_guidance_is_nothing_where_the_heads_look_right() -> None:
    import numpy as np

    from flywheel_trainer.train import BEFORE, COPY, guidance

    batch = np.array([[[-1, -2, 1]], [[-1, -1, 0]]], np.int16)
    looks: list = [None] * (COPY + 1)
    looks[BEFORE] = torch.zeros(1, 1, 3, 3)
    looks[COPY] = torch.full((1, 2, 3, 3), -9.0)
    assert guidance(looks, batch) == 9
    looks[COPY][0, :, 1, 0] = 0
    assert guidance(looks, batch) == 0
