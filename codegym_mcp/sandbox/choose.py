"""Which sandbox this machine gets: the confined one, or, for reviewed environments alone, the best there is."""

import sys
from typing import Any

from codegym_mcp.errors import SandboxUnavailable
from codegym_mcp.sandbox import LAYERS
from codegym_mcp.sandbox.capabilities import probe
from codegym_mcp.sandbox.pool import Pool


def choose_pool(*, trusted: bool, allow_weaker: bool = False, **options: Any) -> Pool:
    """A pool with every protection this machine has.

    Args:
        trusted: whether all environments are bundled ones, reviewed by us. They may run where a protection is missing.
        allow_weaker: whether others may too (`--allow-weaker-sandbox`).
        options: of Pool.

    Raises:
        SandboxUnavailable: a protection is missing; says which, and what to do.
    """
    found = probe()
    if not found.missing:
        return Pool(**options)
    if not trusted and not allow_weaker:
        raise SandboxUnavailable(
            "untrusted environments need protections this machine lacks: "
            + "; ".join(found.missing)
            + ". --allow-weaker-sandbox serves them all the same"
        )
    print(f"Warning: the sandbox is weaker here: {'; '.join(found.missing)}", file=sys.stderr)
    return Pool(required=LAYERS & found.layers, plain=sys.platform != "linux", **options)
