"""What `codegym doctor` prints."""

from rich.console import Console
from rich.table import Table

from codegym_mcp.sandbox import LAYERS
from codegym_mcp.sandbox.capabilities import probe

MEANING = {
    "uid": "as root, each worker becomes a user of its own",
    "no_new_privs": "no privileges can be gained",
    "landlock": "no files, no TCP, no signals to others",
    "rlimits": "bounded memory, processor time, descriptors",
    "seccomp": "only the system calls that computing needs",
}


def report() -> bool:
    """Print the capability table; whether everything is in place."""
    found = probe()
    table = Table("protection", "here", "what it does", title=f"{found.platform} {found.kernel}, {found.machine}")
    for layer in sorted(LAYERS):
        table.add_row(layer, "yes" if layer in found.layers else "NO", MEANING[layer])
    table.add_row("pidfd", "yes" if found.pidfd else "NO", "workers are ended by handle, never by a recycled pid")
    console = Console()
    console.print(table)
    console.print(f"Python {found.python}, user: {found.user}, Landlock ABI {found.landlock_abi}")
    for missing in found.missing:
        console.print(f"Missing: {missing}", markup=False)
    if found.missing:
        console.print("Untrusted environments are refused here unless --allow-weaker-sandbox is given.")
    else:
        console.print("Everything is in place: untrusted environments can be served.")
    return not found.missing
