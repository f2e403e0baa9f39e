"""What the server knows of one environment: its source, its tools, its prompt. Read from source, never executed here.

`read_native` reads the native format; published.py reads the published one into the same `Definition`.
"""

import ast
import hashlib
import re
from dataclasses import dataclass
from typing import Any, Literal

from codegym_mcp.errors import InvalidEnvironment
from codegym_mcp.schema import MAX_SOURCE_BYTES, Docstring, object_schema, parse_source, read_docstring, schema_of
from codegym_mcp.types import ToolSpec, plain_json

RESERVED = {"Observe", "Done", "Start"}
"""Tool names an environment may not declare: built in, or the endpoint's own."""
ANSWER_METHODS = {"native": ("answer", "check", "solve", "generate"), "published": ("get_ref_answer", "solve")}
"""Methods stripped from the code that a tool worker gets."""
TOOL_NAME = re.compile(r"^[A-Z][A-Za-z0-9_]{0,63}$")


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """One environment, ready to be played in the sandbox."""

    name: str
    format: Literal["native", "published"]
    class_name: str
    source: str
    where: str
    """Path (or path and row) of the source, for messages to the operator."""
    prompt: str
    """The task text, unless the task has its own."""
    tools: tuple[ToolSpec, ...]
    """In the order the agent sees them; Observe and Done among them."""
    hash: str
    """Content hash of the source."""
    from_text: bool = False
    """Published format only: its constructor is not the usual one, so it is built by `from_env_str`."""
    trusted: bool = False
    """Bundled and reviewed; may run where the sandbox lacks a protection."""

    def __post_init__(self) -> None:
        """Raises:
        InvalidEnvironment: what clients are to read cannot be sent to them.
        """
        try:
            plain_json([self.prompt, *(spec.model_dump() for spec in self.tools)], 4 * MAX_SOURCE_BYTES)
        except ValueError as exc:
            raise InvalidEnvironment(self.where, f"docstrings and type hints make a description {exc}") from exc

    def tool(self, name: str) -> ToolSpec | None:
        """The tool of that name, or None."""
        return next((spec for spec in self.tools if spec.name == name), None)

    @property
    def tool_names(self) -> list[str]:
        """Names in the order the agent sees them."""
        return [spec.name for spec in self.tools]


def content_hash(*parts: str) -> str:
    """A short stable hash of texts."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def read_native(source: str, *, name: str, where: str, trusted: bool = False) -> Definition:
    """Read an environment in the native format.

    Raises:
        InvalidEnvironment: with file and line of the first thing that is wrong.
    """
    try:
        tree = parse_source(source)
    except SyntaxError as exc:
        raise InvalidEnvironment(where, f"not valid Python: {exc.msg}", exc.lineno) from exc
    cls = _find_class(tree, where)
    try:
        tools = _tools(cls, where)
    except RecursionError as exc:
        raise InvalidEnvironment(where, "a type hint is nested too deeply") from exc
    return Definition(
        name=name,
        format="native",
        class_name=cls.name,
        source=source,
        where=where,
        prompt=_prompt(cls, where),
        tools=tools,
        hash=content_hash("native", source),
        trusted=trusted,
    )


def _find_class(tree: ast.Module, where: str) -> ast.ClassDef:
    found = [n for n in tree.body if isinstance(n, ast.ClassDef) and any(_last_name(b) == "Environment" for b in n.bases)]
    if len(found) != 1:
        line = found[1].lineno if found else None
        raise InvalidEnvironment(where, f"expected one class derived from Environment, found {len(found)}", line)
    return found[0]


def _last_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _prompt(cls: ast.ClassDef, where: str) -> str:
    text = ast.get_docstring(cls)
    if not text:
        raise InvalidEnvironment(where, f"class {cls.name} needs a docstring: it is the task the agent reads", cls.lineno)
    return text


def _tools(cls: ast.ClassDef, where: str) -> tuple[ToolSpec, ...]:
    methods = {n.name: n for n in cls.body if isinstance(n, ast.FunctionDef)}
    for wanted in ("reset", "observe", "answer", "solve"):
        if wanted not in methods:
            raise InvalidEnvironment(where, f"class {cls.name} lacks the method '{wanted}'", cls.lineno)
    for node in cls.body:
        if isinstance(node, ast.AsyncFunctionDef):
            raise InvalidEnvironment(where, f"'{node.name}' is async; tools are plain functions", node.lineno)
    declared = [m for m in methods.values() if any(_last_name(d) == "tool" for d in m.decorator_list)]
    if not declared:
        raise InvalidEnvironment(where, f"class {cls.name} declares no @tool", cls.lineno)
    return (_observe(methods["observe"]), *(_tool(m, where) for m in declared), _done(methods["answer"], where))


def _observe(method: ast.FunctionDef) -> ToolSpec:
    doc = read_docstring(ast.get_docstring(method))
    return ToolSpec(
        name="Observe",
        purpose=doc.purpose or "Show what is known of the task.",
        returns=doc.returns,
        example=doc.example,
        input_schema=object_schema({}, []),
    )


def _done(method: ast.FunctionDef, where: str) -> ToolSpec:
    doc = read_docstring(ast.get_docstring(method))
    schema = schema_of(method.returns)
    if schema is None:
        raise InvalidEnvironment(
            where, "'answer' needs a return annotation that JSON can carry: it is the type of Done's answer", method.lineno
        )
    return ToolSpec(
        name="Done",
        purpose="Submit the final answer. This ends the episode; it can be done once only.",
        parameters={"answer": doc.returns or "the answer to the task."},
        example=doc.example,
        input_schema=object_schema({"answer": schema}, ["answer"]),
    )


def _tool(method: ast.FunctionDef, where: str) -> ToolSpec:
    def wrong(problem: str, line: int = method.lineno) -> InvalidEnvironment:
        return InvalidEnvironment(where, f"tool {method.name}: {problem}", line)

    if method.name in RESERVED or not TOOL_NAME.match(method.name):
        raise wrong("a name is PascalCase, of at most 64 characters, and not " + ", ".join(sorted(RESERVED)))
    doc = read_docstring(ast.get_docstring(method))
    if not doc.purpose:
        raise wrong("needs a docstring: it is what the agent reads")
    for section in ("args", "returns", "example"):
        if section not in doc.sections and (section != "args" or len(method.args.args) > 1):
            raise wrong(f"docstring lacks the section '{section.capitalize()}:'")
    if method.returns is None:
        raise wrong("needs a return annotation")
    if method.args.vararg or method.args.kwarg or method.args.posonlyargs:
        raise wrong("takes plain named parameters only")
    properties, required = _parameters(method, doc, wrong)
    return ToolSpec(
        name=method.name,
        purpose=doc.purpose,
        parameters=doc.parameters,
        returns=doc.returns,
        example=doc.example,
        input_schema=object_schema(properties, required),
    )


def _parameters(method: ast.FunctionDef, doc: Docstring, wrong: Any) -> tuple[dict[str, dict[str, Any]], list[str]]:
    properties: dict[str, dict[str, Any]] = {}
    required: list[str] = []
    for arg, default in _arguments(method):
        schema = schema_of(arg.annotation)
        if schema is None:
            raise wrong(f"parameter '{arg.arg}' needs a type hint that JSON can carry", arg.lineno)
        if arg.arg == "episode":
            raise wrong("'episode' is reserved for the endpoint", arg.lineno)
        if arg.arg not in doc.parameters:
            raise wrong(f"parameter '{arg.arg}' is not documented under Args", arg.lineno)
        properties[arg.arg] = schema
        if default is None:
            required.append(arg.arg)
        elif isinstance(default, ast.Constant):
            properties[arg.arg] = schema | {"default": default.value}
    if unknown := set(doc.parameters) - set(properties):
        raise wrong(f"Args documents '{min(unknown)}', which is no parameter")
    return properties, required


def _arguments(method: ast.FunctionDef) -> list[tuple[ast.arg, ast.expr | None]]:
    """Parameters after self, each with its default."""
    plain = method.args.args[1:]
    defaults: list[ast.expr | None] = [None] * (len(method.args.args) - len(method.args.defaults)) + list(method.args.defaults)
    return list(zip(plain, defaults[1:], strict=True)) + list(zip(method.args.kwonlyargs, method.args.kw_defaults, strict=True))
