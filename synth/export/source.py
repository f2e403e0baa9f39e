"""One native environment as a class of the published CodeGym format: the source text, and nothing else.

The native class stays as it is but for `answer` and `solve`, which move into `get_ref_answer` and `solve` of the published
class (where readers of that format take them out of what tools run in); its tools become methods that call it. So the
rules are the author's own text, and nothing is translated. What the format cannot say is made up for in `step`: a tool
that raises leaves the state as it was. What it has no place for is dropped: `generate`, and seeds other than 0.
"""

import ast
import hashlib
import json
import re
import string
from collections.abc import Iterable, Sequence
from typing import Any

from codegym_mcp.definition import Definition
from codegym_mcp.errors import InvalidEnvironment
from codegym_mcp.schema import parse_source
from codegym_mcp.types import ToolSpec
from synth.export.template import CLASS, DONE_BODY, HEAD

SOURCE = "CodegymMcp"
"""First part of our code ids: `CodegymMcp_<number>_I`."""
DIGITS = dict(zip(string.digits, "Zero One Two Three Four Five Six Seven Eight Nine".split(), strict=True))
MOVED, DROPPED = ("answer", "solve"), ("generate",)
PROVIDED = {"Environment", "tool", "CallFailed"}
"""What an environment may import from the library, and what is put in its place."""


def env_name(class_name: str) -> str:
    """Name of the published class: letters only, ending in Env."""
    letters = re.sub(r"[^A-Za-z]", "", "".join(DIGITS.get(c, c) for c in class_name.removesuffix("Env")))
    return f"{letters[:90]}Env"


def code_id(name: str) -> str:
    """The code id of an environment: a number that depends on its name alone."""
    return f"{SOURCE}_{int(hashlib.sha256(name.encode()).hexdigest()[:12], 16)}_I"


def module_id(definition: Definition) -> str:
    """Under which name the exported environment is found again."""
    return f"{code_id(definition.name)}__{env_name(definition.class_name)}"


def published_source(definition: Definition, example: dict[str, Any]) -> str:
    """The source of the published class.

    Args:
        example: a configuration, used where none is given.

    Raises:
        InvalidEnvironment: its source cannot be carried over; says why.
    """
    if definition.format != "native":
        raise InvalidEnvironment(definition.where, "only a native environment can be exported")
    native = _Native(definition)
    name = env_name(definition.class_name)
    tools = definition.tools
    body = CLASS.format(
        example=repr(json.dumps(example)),
        env_name=name,
        native=definition.class_name,
        prompt=_docstring(definition.prompt, 4),
        constants="\n".join(f"        self.{_constant(spec.name)} = {n}" for n, spec in enumerate(tools)),
        mapping="\n".join(f'            "{spec.name}": self.{_constant(spec.name)},' for spec in tools),
        answer=native.moved("answer"),
        solve=native.moved("solve"),
        tools="".join(_method(native, spec) for spec in tools),
        texts=tuple(sorted(native.texts())),
    )
    head = HEAD.replace("NATIVE", definition.class_name)
    return f"{head}\n\n{native.rules()}{body}"


class _Native:
    """The source of a native environment, taken apart by lines: a syntax tree printed anew would lose what people wrote."""

    def __init__(self, definition: Definition) -> None:
        self._where = definition.where
        self._lines = definition.source.splitlines()
        tree = parse_source(definition.source)
        self._tree = tree
        self._cls = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == definition.class_name)
        self.methods = {n.name: n for n in self._cls.body if isinstance(n, ast.FunctionDef)}
        for node in ast.walk(tree):
            name = getattr(node, "id", getattr(node, "attr", getattr(node, "name", None))) or ""
            if name.startswith("__") and not name.endswith("__"):
                raise InvalidEnvironment(self._where, f"the private name '{name}' cannot be carried over")
        if taken := _defined(tree) & {*_defined(parse_source(HEAD)), env_name(definition.class_name), "EXAMPLE"}:
            raise InvalidEnvironment(self._where, f"the name '{min(taken)}' is needed by the published class")

    def rules(self) -> str:
        """The module without imports of the library, the class's docstring, and the methods that go elsewhere."""
        kept = [node for node in self._tree.body if not self._is_ours(node)]
        body = [n for n in self._cls.body[1:] if getattr(n, "name", "") not in MOVED + DROPPED]
        cut = [node for node in [*self._tree.body, *self._cls.body] if node not in kept and node not in body]
        gone: set[int] = set()
        for node in cut:
            gone |= _span(node)
            while max(gone) < len(self._lines) and not self._lines[max(gone)].strip():
                gone.add(max(gone) + 1)
        text = "\n".join(line for number, line in enumerate(self._lines, start=1) if number not in gone).rstrip() + "\n"
        self._compare(text, kept, body)
        return text

    def _compare(self, text: str, kept: list[ast.stmt], body: list[ast.stmt]) -> None:
        """Cutting lines must have cut what was meant, and nothing beside it."""
        whole = self._cls.body
        self._cls.body = body
        wanted = [ast.dump(node) for node in kept]
        self._cls.body = whole
        try:
            got = [ast.dump(node) for node in parse_source(text).body]
        except SyntaxError as exc:
            raise InvalidEnvironment(self._where, "two statements share a line: give each its own") from exc
        if got != wanted:
            raise InvalidEnvironment(self._where, "two statements share a line: give each its own")

    def _is_ours(self, node: ast.stmt) -> bool:
        """Whether it imports from the library; what it imports must be among the things provided."""
        if isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "codegym_mcp" for alias in node.names):
            raise InvalidEnvironment(self._where, "write 'from codegym_mcp import ...'", node.lineno)
        if not isinstance(node, ast.ImportFrom) or (node.module or "").split(".")[0] != "codegym_mcp":
            return False
        if any(alias.name not in PROVIDED or alias.asname for alias in node.names):
            raise InvalidEnvironment(self._where, f"only {', '.join(sorted(PROVIDED))} can be carried over", node.lineno)
        return True

    def moved(self, name: str) -> str:
        """A method as a function within a method of the published class: four columns further in."""
        method = self.methods[name]
        if method.decorator_list:
            raise InvalidEnvironment(self._where, f"'{name}' has a decorator", method.lineno)
        inside: set[int] = set()
        for node in ast.walk(method):  # lines that begin within a text of several lines must stay as they are
            if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))):
                inside |= set(range(node.lineno + 1, (node.end_lineno or node.lineno) + 1))
        numbered = [(n, self._lines[n - 1]) for n in sorted(_span(method))]
        lines = (line if number in inside or not line.strip() else f"    {line}" for number, line in numbered)
        return "\n".join(lines) + "\n"

    def signature(self, name: str) -> str:
        """Parameters of a tool, as they are written."""
        return ast.unparse(self.methods[name].args)

    def parameters(self, name: str) -> list[str]:
        """Their names."""
        args = self.methods[name].args
        return [arg.arg for arg in (args.args[1:] + args.kwonlyargs)]

    def hint(self, name: str, parameter: str) -> str:
        """The type hint of a parameter, as it is written."""
        args = self.methods[name].args
        found = next(arg.annotation for arg in args.args + args.kwonlyargs if arg.arg == parameter)
        return ast.unparse(found) if found else "object"

    def texts(self) -> set[str]:
        """Tools whose results are texts, which the oracle gets as they are."""
        found = {name for name, method in self.methods.items() if _says_text(method.returns)}
        return {"Done"} | {"Observe" if name == "observe" else name for name in found}


def _defined(tree: ast.Module) -> set[str]:
    """Names that a module binds by other things than imports."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        else:
            found |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return found


def _span(node: ast.stmt) -> set[int]:
    """Lines of a statement, its decorators among them."""
    decorators: Sequence[ast.expr] = getattr(node, "decorator_list", ())
    return set(range(min([node.lineno, *(d.lineno for d in decorators)]), (node.end_lineno or node.lineno) + 1))


def _says_text(hint: ast.expr | None) -> bool:
    return (isinstance(hint, ast.Name) and hint.id == "str") or (isinstance(hint, ast.Constant) and hint.value == "str")


def _constant(tool: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", tool).upper()


def _method(native: _Native, spec: ToolSpec) -> str:
    """A tool as a method of the published class, with the documentation that the format asks for."""
    if spec.name == "Observe":
        signature, body, hints = "self", "return tool_text(self._env.observe())", {}
    elif spec.name == "Done":
        signature, body, hints = "self, answer", DONE_BODY, {"answer": _kind(spec.input_schema["properties"]["answer"])}
    else:
        names = native.parameters(spec.name)
        signature, hints = native.signature(spec.name), {name: native.hint(spec.name, name) for name in names}
        body = f"return tool_text(self._env.{spec.name}({', '.join(f'{name}={name}' for name in names)}))"
    returns = "that the answer was recorded." if spec.name == "Done" else spec.returns or "what is known."
    sections = [
        _unmarked(spec.purpose),
        "Args:\n"
        + _indented([f"{name} ({hints[name]}): {' '.join(t.split())}" for name, t in spec.parameters.items()] or ["None"]),
        "Returns:\n" + _indented(_unmarked(returns).splitlines()),
        "Example Output:\n" + _indented((spec.example or "none").splitlines()),
    ]
    doc = _docstring("\n\n".join(sections), 8)
    return f'\n    def {spec.name}({signature}):\n        """\n{doc}\n        """\n        {body}\n'


def _kind(schema: dict[str, Any]) -> str:
    """The Python type that a JSON Schema stands for, as far as documentation needs it."""
    names = {"integer": "int", "number": "float", "string": "str", "boolean": "bool", "array": "list", "object": "dict"}
    return names.get(str(schema.get("type")), "object")


def _unmarked(text: str) -> str:
    """Text without lines that would be taken for the beginning of a section."""
    return re.sub(r"\n\s*(?=(?:Args|Arguments|Parameters|Returns?|Raises|Notes?|Examples?|Example Outputs?):)", " ", text)


def _indented(lines: Iterable[str]) -> str:
    return "\n".join(f"    {line}".rstrip() for line in lines)


def _docstring(text: str, columns: int) -> str:
    """Text as the inside of a docstring."""
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return "\n".join(" " * columns + line if line else "" for line in escaped.splitlines())
