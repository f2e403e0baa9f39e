"""The published CodeGym format: one `gymnasium.Env` class per source text. Read into a `Definition`, never executed here.

A tool is a method that the class's `func_mapping` names; its schema comes from the signature and, where that is silent,
from the docstring. Two schemas exist for each tool: what is published to clients (`ToolSpec.input_schema`), and what is
enforced (`lenient_schema`), since the published classes check nothing and their oracles send `Infinity` for an `int`.

Folders, JSON lines and parquet of such sources, and their tasks: published_data.py.
Source: 91 published example environments and 100 training records; counts in docstrings refer to these.
"""

import ast
import math
import re
from collections.abc import Mapping
from typing import Any

from codegym_mcp.definition import Definition, content_hash
from codegym_mcp.errors import InvalidEnvironment
from codegym_mcp.schema import Docstring, object_schema, parse_source, read_docstring, schema_of, schema_of_text
from codegym_mcp.types import ToolSpec

PROMPT = "Find the answer using the tools alone: begin with Observe, and submit the answer with Done."
"""Task text where neither the class nor the task has one: the published ones stand in the training records."""
GYM_MODULES = {"gymnasium", "gym"}
WANTED = ("reset", "get_ref_answer", "step", "Done")
"""Methods without which an episode can be neither opened, played nor judged."""

NON_FINITE = {"Infinity": math.inf, "-Infinity": -math.inf, "NaN": math.nan}
"""Numbers that JSON lacks, as the text that stands for them on the wire."""

EXAMPLE = re.compile(r"^[ \t]*Example(?: Output)?s?:", re.MULTILINE)
INLINE_SECTION = re.compile(r"^(Args|Returns):[ \t]+(?=\S)", re.MULTILINE)
CONTAINER = re.compile(r"(\w+)\s*(?:\[| of )")
"""A container whose content we do not understand, such as `list of pairs`."""
OPEN_TYPES: tuple[dict[str, Any] | None, ...] = (None, {}, {"type": "array"}, {"type": "object"})
"""What an annotation may leave to the docstring: nothing said, anything, a bare container."""


def read_published(source: str, *, name: str, where: str) -> Definition:
    """Read an environment in the published format.

    Raises:
        InvalidEnvironment: with the line of the first thing that is wrong.
    """
    try:
        tree = parse_source(source)
    except SyntaxError as exc:
        raise InvalidEnvironment(where, f"not valid Python: {exc.msg}", exc.lineno) from exc
    try:
        return _define(tree, source, name, where)
    except RecursionError as exc:
        raise InvalidEnvironment(where, "an expression is nested too deeply") from exc


def _define(tree: ast.Module, source: str, name: str, where: str) -> Definition:
    cls = _find_class(tree, where)
    methods = {node.name: node for node in cls.body if isinstance(node, ast.FunctionDef)}
    for wanted in WANTED:
        if wanted not in methods:
            raise InvalidEnvironment(where, f"class {cls.name} lacks the method '{wanted}'", cls.lineno)
    from_text = _keeps_text(methods.get("__init__"))
    if from_text and "from_env_str" not in methods:
        problem = f"class {cls.name} needs 'from_env_str': its __init__ keeps more of the configuration than reset does"
        raise InvalidEnvironment(where, problem, methods["__init__"].lineno)
    return Definition(
        name=name,
        format="published",
        class_name=cls.name,
        source=source,
        where=where,
        prompt=ast.get_docstring(cls) or PROMPT,
        tools=_tools(methods, where),
        hash=content_hash("published", source),
        from_text=from_text,
    )


def _find_class(tree: ast.Module, where: str) -> ast.ClassDef:
    spellings = _spellings_of_env(tree)
    found = [n for n in tree.body if isinstance(n, ast.ClassDef) and any(ast.unparse(b) in spellings for b in n.bases)]
    if len(found) != 1:
        line = found[1].lineno if found else None
        raise InvalidEnvironment(where, f"expected one class derived from gymnasium.Env, found {len(found)}", line)
    return found[0]


def _spellings_of_env(tree: ast.Module) -> set[str]:
    """How this module may call gymnasium.Env, given its imports."""
    spellings: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            spellings |= {f"{alias.asname or alias.name}.Env" for alias in node.names if _is_gym(alias.name)}
        elif isinstance(node, ast.ImportFrom) and _is_gym(node.module or ""):
            spellings |= {alias.asname or alias.name for alias in node.names if alias.name == "Env"}
    return spellings


def _is_gym(module: str) -> bool:
    return module.partition(".")[0] in GYM_MODULES


def _tools(methods: Mapping[str, ast.FunctionDef], where: str) -> tuple[ToolSpec, ...]:
    """In the order of func_mapping; without that dict literal, every PascalCase method in order."""
    mapping = _func_mapping(methods.get("__init__"))
    names = mapping or {name: method.lineno for name, method in methods.items() if name[0].isupper()}
    for name, line in names.items():
        if name not in methods:
            raise InvalidEnvironment(where, f"func_mapping names '{name}', which is no method of the class", line)
    if "Done" not in names:
        raise InvalidEnvironment(where, "func_mapping lacks 'Done': an episode could not be ended", methods["Done"].lineno)
    if "Start" in names:
        raise InvalidEnvironment(where, "a tool may not be called 'Start': it is the endpoint's own", names["Start"])
    tools = tuple(_tool(methods[name], where) for name in names)
    done = next(spec for spec in tools if spec.name == "Done")
    if list(done.input_schema["properties"]) != ["answer"]:
        raise InvalidEnvironment(where, "Done takes exactly one parameter, 'answer'", methods["Done"].lineno)
    return tools


def _func_mapping(init: ast.FunctionDef | None) -> dict[str, int]:
    """Tool name -> its line, from the dict literal in `__init__`; empty where there is none."""
    found: dict[str, int] = {}
    for node in ast.walk(init) if init else ():
        match node:
            case (
                ast.Assign(targets=[ast.Attribute(attr="func_mapping")], value=ast.Dict(keys=keys))
                | ast.AnnAssign(target=ast.Attribute(attr="func_mapping"), value=ast.Dict(keys=keys))
            ):
                found = {k.value: k.lineno for k in keys if isinstance(k, ast.Constant) and isinstance(k.value, str)}
    return found


def _tool(method: ast.FunctionDef, where: str) -> ToolSpec:
    body, example = _split_example(ast.get_docstring(method) or "")
    doc = read_docstring(body)
    properties: dict[str, dict[str, Any]] = {}
    required: list[str] = []
    for arg, default in _arguments(method.args):
        if arg.arg == "episode":
            raise InvalidEnvironment(where, f"tool {method.name}: 'episode' is reserved for the endpoint", arg.lineno)
        properties[arg.arg] = _published_schema(arg.annotation, doc.types.get(arg.arg))
        if default is None:
            required.append(arg.arg)
        else:
            properties[arg.arg] |= _default(default)
    return ToolSpec(
        name=method.name,
        purpose=doc.purpose or method.name,
        parameters={name: _documentation(doc, name, schema) for name, schema in properties.items()},
        returns=doc.returns,
        example=example,
        input_schema=object_schema(properties, required, closed=False),
    )


def _split_example(docstring: str) -> tuple[str, str]:
    """The text for the agent, and what it does not get: everything from `Example Output` on."""
    match = EXAMPLE.search(docstring)
    body = docstring[: match.start()] if match else docstring
    return INLINE_SECTION.sub(r"\1:\n    ", body), docstring[match.end() :].strip() if match else ""


def _arguments(args: ast.arguments) -> list[tuple[ast.arg, ast.expr | None]]:
    """Parameters other than `self`, each with its default."""
    plain = args.posonlyargs + args.args
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(args.defaults)) + list(args.defaults)
    pairs = list(zip(plain, defaults, strict=True)) + list(zip(args.kwonlyargs, args.kw_defaults, strict=True))
    return [(arg, default) for arg, default in pairs if arg.arg != "self"]


def _default(node: ast.expr) -> dict[str, Any]:
    """The default as a keyword of JSON Schema, if it is a plain JSON scalar."""
    if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, (bool, int, str))):
        return {"default": node.value}
    return {}


def _documentation(doc: Docstring, name: str, schema: dict[str, Any]) -> str:
    """What Args says of a parameter, with its type where the schema says less."""
    kind, text = doc.types.get(name), doc.parameters.get(name, "")
    if kind is None or schema_of_text(kind) == {key: value for key, value in schema.items() if key != "default"}:
        return text
    return f"({kind}) {text}".strip()


def _published_schema(annotation: ast.expr | None, documented: str | None) -> dict[str, Any]:
    """The signature's type; the one in Args where the signature has none or a bare container; else open."""
    schema = _open(_annotated(annotation))
    if schema in OPEN_TYPES and documented:
        schema = _open(_documented(documented)) or schema
    return schema or {}


def _annotated(node: ast.expr | None) -> dict[str, Any] | None:
    schema = schema_of(node)
    return schema_of(node.value) if schema is None and isinstance(node, ast.Subscript) else schema


def _documented(text: str) -> dict[str, Any] | None:
    schema = schema_of_text(text)
    match = CONTAINER.match(text)
    return schema_of_text(match[1]) if schema is None and match else schema


def _open(schema: dict[str, Any] | None) -> dict[str, Any] | None:
    """Objects with any property, arrays of any length: what a dict or tuple hint means in this format."""
    match schema:
        case {"type": "object"}:
            return {"type": "object"}
        case {"type": "array", "items": items}:
            return {"type": "array", "items": _open(items)}
        case {"type": "array", "prefixItems": [first, *others]} if all(part == first for part in others):
            return {"type": "array", "items": _open(first)}
        case {"type": "array"}:
            return {"type": "array"}
        case {"anyOf": options}:
            return {"anyOf": [_open(option) for option in options]}
    return schema


def lenient_schema(input_schema: Mapping[str, Any]) -> dict[str, Any]:
    """What is enforced of a published tool's schema: the required names, and types in so far as the classes have them.

    A numeric parameter takes any number and the texts of `NON_FINITE`; content of arrays and objects, extra arguments,
    parameters of unknown type and a lone `answer` (Done's: its Python `==` decides) are not looked at.
    """
    properties = input_schema["properties"]
    if list(properties) == ["answer"]:
        return object_schema({"answer": {}}, input_schema["required"], closed=False)
    lenient = {name: _lenient(schema) for name, schema in properties.items()}
    return object_schema(lenient, input_schema["required"], closed=False)


def _lenient(schema: Mapping[str, Any]) -> dict[str, Any]:
    if "anyOf" in schema:
        options = [_lenient(option) for option in schema["anyOf"]]
    elif schema.get("type") in {"integer", "number"}:
        options = [{"type": "number"}, {"enum": list(NON_FINITE)}]
    else:
        options = [{"type": schema["type"]} if "type" in schema else {}]
    if "default" in schema and schema["default"] is None:
        options.append({"type": "null"})
    return options[0] if len(options) == 1 else {"anyOf": options}


def wire_arguments(spec: ToolSpec, arguments: Mapping[str, Any] | None) -> dict[str, Any]:
    """Arguments as the class gets them: null is no arguments, and `"Infinity"` is a number where one is declared."""
    properties = spec.input_schema["properties"]
    return {name: _number(value, properties.get(name, {})) for name, value in (arguments or {}).items()}


def _number(value: Any, schema: Mapping[str, Any]) -> Any:
    if isinstance(value, str) and value in NON_FINITE and _is_numeric(schema):
        return NON_FINITE[value]
    if isinstance(value, list) and "items" in schema:
        return [_number(item, schema["items"]) for item in value]
    return value


def _is_numeric(schema: Mapping[str, Any]) -> bool:
    """Whether the type is a number, or a number or null."""
    options = [option.get("type") for option in schema.get("anyOf", [schema])]
    return bool(set(options) & {"integer", "number"}) and set(options) <= {"integer", "number", "null"}


def _keeps_text(init: ast.FunctionDef | None) -> bool:
    """Whether `cls()` then `reset(options)` would miss something that `__init__(env_str)` keeps.

    The usual `__init__` (91 of 91) stores constants, reads `env_str` into a local name and ends with `self.reset(...)`.
    Any other needs `from_env_str`, with its faults: `@` inside a value cuts the text, NaN fails.
    """
    if init is None:
        return False
    arguments = _arguments(init.args)
    locals_ = {arg.arg for arg, _ in arguments} | {n.id for n in ast.walk(init) if isinstance(n, ast.Name) and _is_stored(n)}
    resets = [_calls(statement, "reset") for statement in init.body]
    late = any(resets[:-1])
    return late or any(default is None for _, default in arguments) or not all(_is_usual(s, locals_) for s in init.body)


def _is_stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _calls(statement: ast.stmt, method: str) -> bool:
    calls = (node.func for node in ast.walk(statement) if isinstance(node, ast.Call))
    return any(isinstance(func, ast.Attribute) and func.attr == method for func in calls)


def _is_usual(statement: ast.stmt, tainted: set[str]) -> bool:
    """Whether a statement of `__init__` keeps nothing of `env_str`: attributes get values made of constants alone."""
    match statement:
        case ast.Assign(targets=[ast.Attribute()], value=value) | ast.AnnAssign(target=ast.Attribute(), value=value):
            return value is None or not any(isinstance(n, ast.Name) and n.id in tainted for n in ast.walk(value))
        case ast.Assign(targets=[ast.Name()]) | ast.AnnAssign(target=ast.Name()) | ast.Pass():
            return True
        case ast.Expr(value=ast.Constant() | ast.Call(func=ast.Attribute(attr="__init__" | "reset"))):
            return True
        case ast.If(body=body, orelse=orelse):
            return all(_is_usual(inner, tainted) and not _stores_attribute(inner) for inner in body + orelse)
    return False


def _stores_attribute(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) for node in ast.walk(statement))
