"""TRL's tree attention without the kernel that it fetches from a hub: one masked SDPA per layer. For CPUs and older GPUs.

TRL's async trainer folds the samples of a micro-batch into a prefix tree. Each segment of the tree attends to its path
from the root, the path's last tokens being the segment itself (trl.experimental.async_grpo.packing). Here the paths become
one mask, made once per micro-batch. Memory grows with the square of its tokens: keep micro-batches small.
"""

from typing import Any


class TreeMask:
    """The mask of the last micro-batch seen; all layers of a forward pass share it."""

    def __init__(self) -> None:
        self._of: Any = None
        self._mask: Any = None

    def get(self, kv_index: Any, cu_q: Any, cu_k: Any) -> Any:
        """Which position attends to which, bool, shape (N, N)."""
        import torch

        if self._of is not kv_index:
            size = int(cu_q[-1])
            mask = torch.zeros(size, size, dtype=torch.bool, device=kv_index.device)
            starts, paths = cu_q.tolist(), cu_k.tolist()
            for begin, end, first, last in zip(starts[:-1], starts[1:], paths[:-1], paths[1:], strict=True):
                own = end - begin
                mask[begin:end, kv_index[first : last - own]] = True
                mask[begin:end, begin:end] = torch.ones(own, own, dtype=torch.bool, device=mask.device).tril()
            self._of, self._mask = kv_index, mask
        return self._mask


def register() -> None:
    """Put it in the place of TRL's, for models that are loaded with it; call after the trainer is made."""
    import torch.nn.functional as F
    from transformers import AttentionInterface
    from trl.experimental.async_grpo.packing import TREE_ATTENTION

    masks = TreeMask()

    def attention(
        module: Any,
        query: Any,
        key: Any,
        value: Any,
        attention_mask: Any,
        *,
        tree_kv_index: Any,
        tree_cu_seqlens_q: Any,
        tree_cu_seqlens_k: Any,
        scaling: float | None = None,
        sliding_window: int | None = None,
        **others: Any,
    ) -> tuple[Any, None]:
        if sliding_window:
            raise NotImplementedError("this model's sliding windows need TRL's own kernel (pip install kernels; a GPU)")
        mask = masks.get(tree_kv_index, tree_cu_seqlens_q, tree_cu_seqlens_k)
        out = F.scaled_dot_product_attention(
            query, key, value, attn_mask=mask, scale=scaling, enable_gqa=query.shape[1] != key.shape[1]
        )
        return out.transpose(1, 2), None

    AttentionInterface.register(TREE_ATTENTION, attention)
