"""A last look at a solution before anything runs: what no environment can be made of is refused here, with its line."""

import ast
import builtins
import re
import sys
import warnings

from synth.problem import Problem
from synth.readers.fields import BadRecord
from synth.readers.parts import binds

NETWORK = set("socket urllib http requests ftplib smtplib ssl asyncio aiohttp httpx telnetlib webbrowser".split())
PROCESSES = set("subprocess multiprocessing threading concurrent signal ctypes".split())
FILES = set("pathlib shutil tempfile glob sqlite3 fileinput".split())
CLOCK_CALLS = set(
    "time.time time.sleep time.monotonic time.perf_counter time.process_time time.time_ns time.ctime time.localtime"
    " time.gmtime time.strftime datetime.now datetime.today datetime.utcnow date.today".split()
)
CHANCE_CALLS = set("secrets uuid.uuid1 uuid.uuid4 os.urandom random.SystemRandom".split())
SEEDED = {"random.Random", "random.seed"}


def screened(problem: Problem) -> Problem:
    """The problem, its solution without imports that it does not use, or that say how to read it.

    Raises:
        BadRecord: the solution cannot be run, or not twice with the same result.
    """
    solution, tree = parsed(problem.solution, "solution")
    if problem.entry_point is not None:
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        if problem.entry_point not in names:
            known = ", ".join(sorted(names)) or "no function"
            raise BadRecord("no entry point", "entry_point", f"expected a function {problem.entry_point!r}, found {known}")
    tree, solution = without_idle_imports(tree, solution)
    refuse_surroundings(tree, script=problem.entry_point is None)
    texts = {"solution": solution}
    for field, text in (("generator", problem.generator), ("tests", problem.tests)):
        if text and problem.test_kind != "doctest":
            texts[field], _ = parsed(text, field)
    return problem.model_copy(update=texts)


def parsed(source: str, field: str) -> tuple[str, ast.Module]:
    """The source with plain line ends and without imports from the future, and its tree."""
    source = source.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as invalid escapes: its author's affair
            source = without_future(source)
            return source, ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as exc:
        line = getattr(exc, "lineno", None)
        raise BadRecord("syntax error", field, f"line {line}: {getattr(exc, 'msg', exc)}") from exc


def without_future(source: str) -> str:
    """The source without `from __future__ import ...`, which must come first in a file, and so cannot be moved elsewhere.

    What it asks for is there anyway, but for type hints that are not looked at: those that name what comes later are quoted.
    """
    tree = ast.parse(source)
    futures = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    if not futures:
        return source
    names = {alias.name for node in futures for alias in node.names}
    tree.body = [node for node in tree.body if node not in futures]
    if "annotations" in names and _quote_hints(tree):
        return ast.unparse(tree) + "\n"
    lines = source.split("\n")
    for node in futures:
        last = node.end_lineno or node.lineno
        rest = lines[last - 1][node.end_col_offset :].lstrip(" ;")
        lines[node.lineno - 1 : last] = [""] * (last - node.lineno) + [rest]
    return "\n".join(lines)


def _quote_hints(tree: ast.Module) -> bool:
    """Put type hints in quotes that cannot be looked up where they stand; whether there were any."""
    known = set(dir(builtins))
    quoted = False
    for statement in tree.body:
        for node in ast.walk(statement):
            for field in ("annotation", "returns"):
                hint = getattr(node, field, None)
                if isinstance(hint, ast.expr) and not {n.id for n in ast.walk(hint) if isinstance(n, ast.Name)} <= known:
                    setattr(node, field, ast.Constant(ast.unparse(hint)))
                    quoted = True
        known |= binds(statement)
    return quoted


def without_idle_imports(tree: ast.Module, source: str) -> tuple[ast.Module, str]:
    """Drop top-level imports of foreign packages that nothing uses: they would fail where nothing is installed.

    Raises:
        BadRecord: a foreign package is used.
    """
    lines, dropped = source.split("\n"), False
    for node in tree.body:
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        module = (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name) or ""
        if module.partition(".")[0] in sys.stdlib_module_names:
            continue
        bound = {(name.asname or name.name).partition(".")[0] for name in node.names}
        used = {item.id for item in ast.walk(tree) if isinstance(item, ast.Name)} & bound
        if used or "*" in bound or node.end_lineno != node.lineno or ";" in lines[node.lineno - 1]:
            raise BadRecord("foreign package", "solution", f"line {node.lineno}: imports {module or 'from a package'}")
        lines[node.lineno - 1], dropped = "", True
    source = "\n".join(lines)
    return (ast.parse(source), source) if dropped else (tree, source)


def refuse_surroundings(tree: ast.Module, *, script: bool) -> None:
    """Raises: BadRecord: it uses the network, files, processes, the clock, or chance that no seed rules."""
    aliases = _aliases(tree)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            module = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
            _refuse_module((module or "").partition(".")[0], node.lineno)
        elif isinstance(node, (ast.Attribute, ast.Name)):
            _refuse_name(_dotted(node, aliases), node.lineno)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "open" and not (script and node.args and getattr(node.args[0], "value", None) == 0):
                raise BadRecord("uses files", "solution", f"line {node.lineno}: open()")
            if node.func.id == "input" and not script:
                raise BadRecord("reads standard input", "solution", f"line {node.lineno}: input()")


def _refuse_module(module: str, line: int) -> None:
    for modules, reason in ((NETWORK, "uses the network"), (PROCESSES, "uses processes"), (FILES, "uses files")):
        if module in modules:
            raise BadRecord(reason, "solution", f"line {line}: imports {module}")


def _refuse_name(name: str, line: int) -> None:
    last = ".".join(name.split(".")[-2:])
    if name in CLOCK_CALLS or last in CLOCK_CALLS:
        raise BadRecord("uses the clock", "solution", f"line {line}: {name}")
    chance = name.startswith("random.") and name not in SEEDED and name.count(".") == 1
    if chance or last in CHANCE_CALLS or name.startswith("secrets."):
        raise BadRecord("uses chance", "solution", f"line {line}: {name}")
    if re.match(r"os\.(environ|getenv|listdir|walk|remove|system|popen|path\.(exists|getsize))", name):
        raise BadRecord("uses files", "solution", f"line {line}: {name}")


def _aliases(tree: ast.Module) -> dict[str, str]:
    """Local name -> what it was imported as."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.asname or name.name: name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {name.asname or name.name: f"{node.module}.{name.name}" for name in node.names}
    return found


def _dotted(node: ast.expr, aliases: dict[str, str]) -> str:
    """`a.b.c` of an imported module, else an empty text."""
    if isinstance(node, ast.Name):
        return aliases.get(node.id, "")
    if isinstance(node, ast.Attribute):
        start = _dotted(node.value, aliases)
        return f"{start}.{node.attr}" if start else ""
    return ""
