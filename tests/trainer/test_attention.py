"""Our tree attention against plain attention on each sample by itself."""

from itertools import pairwise
from typing import Any

import pytest

pytestmark = pytest.mark.train
torch: Any = pytest.importorskip("torch", reason="pip install torch==2.13.0")
pytest.importorskip("trl", reason="pip install -e '.[train]'")


def sample(ids: list[int], group: int) -> dict[str, Any]:
    """As TRL's planner holds it."""
    values = torch.tensor(ids)
    mask = torch.ones_like(values)
    return {
        "input_ids": values,
        "completion_mask": mask,
        "old_log_probs": torch.zeros(len(ids)),
        "advantage": 1.0,
        "group_id": group,
    }


@pytest.mark.parametrize("groups", [1, 2], ids=["all heads have keys of their own", "heads share keys"])
def test_packed_samples_get_the_logits_they_get_alone(groups: int) -> None:
    from transformers import Qwen3Config, Qwen3ForCausalLM
    from trl.experimental.async_grpo.packing import TREE_ATTENTION, TreeRow, register_tree_attention

    from trainer.attention import register

    register_tree_attention()
    register()
    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=50,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2 // groups,
        head_dim=8,
    )
    model = Qwen3ForCausalLM(config).eval()
    prompts = [[1, 2, 3, 4], [1, 2, 3, 4, 5, 6], [1, 2, 9, 9, 8], [7, 7]]
    row = TreeRow()
    for number, ids in enumerate(prompts):
        row.add(sample(ids, number))
    packed = row.pack()
    alone = [model(torch.tensor([ids])).logits[0] for ids in prompts]
    model.set_attn_implementation(TREE_ATTENTION)
    together = model(
        input_ids=packed["input_ids"][None],
        position_ids=packed["position_ids"][None],
        tree_kv_index=packed["tree_kv_index"],
        tree_cu_seqlens_q=packed["tree_cu_seqlens_q"],
        tree_cu_seqlens_k=packed["tree_cu_seqlens_k"],
        tree_max_seqlen_q=int(packed["tree_max_seqlens"][0]),
        tree_max_seqlen_k=int(packed["tree_max_seqlens"][1]),
    ).logits[0]
    assert len(packed["input_ids"]) < sum(map(len, prompts)), "prefixes are shared"
    for ids, logits in zip(prompts, alone, strict=True):
        places = places_of(packed, ids)
        assert torch.allclose(together[places], logits, atol=1e-5)


def places_of(packed: dict[str, Any], ids: list[int]) -> list[int]:
    """Where a sample's tokens stand in the packed row: the path whose tokens are these."""
    bounds = packed["tree_cu_seqlens_k"].tolist()
    for first, last in pairwise(bounds):
        path = packed["tree_kv_index"][first:last].tolist()
        if packed["input_ids"][path].tolist() == ids:
            return path
    raise AssertionError(f"no path reads {ids}")
