"""An aarch64 machine of one boot: compiles its /init, packs its file system, and reads its serial console."""

import json
import os
import subprocess
from pathlib import Path

from codegym_mcp.sandbox import seccomp

HERE = Path(__file__).parent
FETCHED = Path(os.environ.get("CODEGYM_CACHE", "~/.cache/codegym-tests")).expanduser() / "aarch64"
KERNEL, SYSTEM = FETCHED / "vmlinuz", FETCHED / "root"
"""What `fetch.sh` leaves: the kernel, and the unpacked packages of Python."""
ROOT = HERE.parents[2]
COMPILER = ["aarch64-linux-gnu-gcc", "-static", "-O1", "-Wall", "-Werror", "-Wno-unused-result"]
EMULATOR = ["qemu-system-aarch64", *"-machine virt -cpu cortex-a57 -m 1024 -nographic -no-reboot -nic none".split()]
BOOT_TIMEOUT_S = 600
"""Seconds for the whole run; it took 30 to 80 on two cores."""

ENTRY = "070701" + "{:08X}" * 13
"""Header of one file in a cpio archive. Source: the kernel's Documentation, initramfs buffer format."""


def boot(folder: Path, configs: dict[str, dict[str, object]]) -> dict[str, str]:
    """Lines of the console by their label, `filter: ...`, `probe: ...`; `folder` is for scratch files."""
    init = compile_init(folder, configs)
    image = folder / "initramfs.cpio"
    image.write_bytes(archive(contents(init)))
    command = [*EMULATOR, "-kernel", str(KERNEL), "-initrd", str(image), "-append", "console=ttyAMA0 quiet loglevel=0 panic=-1"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=BOOT_TIMEOUT_S, check=True)
    lines = done.stdout.decode(errors="replace").replace("\r", "").splitlines()
    return dict(line.split(": ", 1) for line in lines if ": " in line) | {"console": "\n".join(lines)}


def compile_init(folder: Path, configs: dict[str, dict[str, object]]) -> Path:
    program = ",".join(map(str, seccomp.program(3, "aarch64")))
    definitions = [f"static const unsigned char filter[] __attribute__((aligned(8))) = {{{program}}};"]
    definitions += [f'#define PYTHON "/usr/bin/{python()}"']
    definitions += [f"#define {label.upper()}_CONFIG {json.dumps(json.dumps(config))}" for label, config in configs.items()]
    (folder / "filter.h").write_text("\n".join(definitions) + "\n")
    init = folder / "init"
    subprocess.run([*COMPILER, "-I", str(folder), "-o", str(init), str(HERE / "init.c")], check=True)
    return init


def python() -> str:
    """Name of the fetched interpreter."""
    return next((path.name for path in sorted(SYSTEM.glob("usr/bin/python3.*"))), "python3")


def contents(init: Path) -> dict[str, Path | None]:
    """Files of the machine by their path in it; None is a directory of its own."""
    files: dict[str, Path | None] = dict.fromkeys(("dev", "proc", "tmp", "etc", "code", "bin"))
    files |= {str(path.relative_to(SYSTEM)): path for path in SYSTEM.rglob("*")}
    package = [ROOT / "codegym_mcp" / name for name in ("__init__.py", "environment.py")]
    package += (ROOT / "codegym_mcp" / "sandbox").glob("*.py")
    files |= {f"code/{path.relative_to(ROOT)}": path for path in package}
    files |= {"code/codegym_mcp": None, "code/codegym_mcp/sandbox": None}
    return files | {"init": init, "code/attempts.py": HERE.parent / "attempts.py", "etc/passwd": HERE / "README.md"}


def archive(files: dict[str, Path | None]) -> bytes:
    """A cpio archive in the form the kernel unpacks; parents come before their files."""
    entries = [entry(number, name, path) for number, (name, path) in enumerate(sorted(files.items()), 1)]
    return b"".join([*entries, header(0, "TRAILER!!!", 0, 0)])


def entry(number: int, name: str, path: Path | None) -> bytes:
    if path is None or (path.is_dir() and not path.is_symlink()):
        return header(number, name, 0o041777 if name == "tmp" else 0o040755, 0)
    if path.is_symlink():
        return header(number, name, 0o120777, len(bytes(path.readlink()))) + padded(bytes(path.readlink()))
    data = path.read_bytes()
    return header(number, name, 0o100755, len(data)) + padded(data)


def header(number: int, name: str, mode: int, size: int) -> bytes:
    fields = (number, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, len(name) + 1, 0)
    return padded((ENTRY.format(*fields) + name + "\0").encode())


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
