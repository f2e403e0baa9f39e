"""The layout of generated source: laid out by ruff, so that people can read what a machine has written."""

import asyncio
import subprocess
import sys

LINE_LENGTH = 120
FORMAT_S = 60.0
"""Wall seconds it may take on a busy machine."""


async def laid_out(source: str) -> str:
    """Python source in ruff's layout; as it is where ruff cannot read it."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--isolated",
        "--line-length",
        str(LINE_LENGTH),
        "--stdin-filename",
        "env.py",
        "-",
    ]
    done = await asyncio.to_thread(subprocess.run, command, input=source.encode(), capture_output=True, timeout=FORMAT_S)
    return done.stdout.decode() if done.returncode == 0 else source
