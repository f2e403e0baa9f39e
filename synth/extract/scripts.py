"""A script from standard input to standard output as a function of the text it reads: `solution(stdin) -> str`."""

import ast
from typing import Any

from synth.extract.copier import Copier, name_of

ENTRY, STDIN = "solution", "stdin"
READS = {"sys.stdin.read", "stdin.read", "open(0).read"}
READS_LINES = {"sys.stdin.readlines", "stdin.readlines", "open(0).readlines"}
READS_LINE = {"input", "sys.stdin.readline", "stdin.readline", "sys.stdin.buffer.readline", "raw_input"}
WRITES = {"sys.stdout.write", "stdout.write"}
LEAVES = {"exit", "quit", "sys.exit"}


def as_function(tree: ast.Module) -> ast.Module:
    """The script as a module with one function; what it prints is returned without the white space at its end."""
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    lines, output = (next(n for n in (name, f"{name}_", f"the_{name}") if n not in names) for name in ("lines", "output"))
    imports = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    body = _Functional(lines, output).copy_body([node for node in tree.body if node not in imports])
    text = (
        f"def {ENTRY}({STDIN}):\n    {lines} = {STDIN}.splitlines()\n    {output} = []\n    return ''.join({output}).rstrip()"
    )
    made = ast.parse(text)
    function = made.body[0]
    assert isinstance(function, ast.FunctionDef)
    function.body[2:2] = body
    return ast.fix_missing_locations(ast.Module([*imports, function], []))


class _Functional(Copier):
    """Replaces what reads and writes the standard streams."""

    def __init__(self, lines: str, output: str) -> None:
        self._lines, self._output, self._depth = lines, output, 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        self._depth += 1
        made = self.copy(node)
        self._depth -= 1
        return made

    def visit_Global(self, node: ast.Global) -> Any:
        return ast.Nonlocal(node.names)

    def visit_If(self, node: ast.If) -> Any:
        if isinstance(node.test, ast.Compare) and name_of(node.test.left) == "__name__":
            return self.copy_body(node.body)
        return self.copy(node)

    def visit_Assign(self, node: ast.Assign) -> Any:
        """`input = sys.stdin.readline` says nothing new."""
        return [] if ast.unparse(node.value) in READS_LINE | WRITES else self.copy(node)

    def visit_For(self, node: ast.For) -> Any:
        made = self.copy(node)
        if ast.unparse(node.iter) in ("sys.stdin", "stdin"):
            made.iter = ast.Name(self._lines, ast.Load())
        return made

    def visit_Expr(self, node: ast.Expr) -> Any:
        if isinstance(node.value, ast.Call) and ast.unparse(node.value.func) in LEAVES and not self._depth:
            return ast.parse(f"def _():\n    return ''.join({self._output}).rstrip()").body[0].body  # type: ignore[attr-defined]
        return self.copy(node)

    def visit_Call(self, node: ast.Call) -> Any:
        called = ast.unparse(node.func)
        if called in READS:
            return ast.Name(STDIN, ast.Load())
        if called in READS_LINES:
            return _expression(f"{STDIN}.splitlines()")
        if called in READS_LINE:
            return _expression(f"{self._lines}.pop(0)")
        if called in WRITES:
            return self._append(self.visit(node.args[0]))
        if called == "print":
            options = {keyword.arg: self.visit(keyword.value) for keyword in node.keywords if keyword.arg != "flush"}
            items = ast.List([self.visit(part) for part in node.args], ast.Load())
            texts = ast.Call(ast.Name("map", ast.Load()), [ast.Name("str", ast.Load()), items], [])
            joined = ast.Call(ast.Attribute(options.get("sep", ast.Constant(" ")), "join", ast.Load()), [texts], [])
            return self._append(ast.BinOp(joined, ast.Add(), options.get("end", ast.Constant("\n"))))
        return self.copy(node)

    def _append(self, value: ast.expr) -> ast.expr:
        return ast.Call(ast.Attribute(ast.Name(self._output, ast.Load()), "append", ast.Load()), [value], [])


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
