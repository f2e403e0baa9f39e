"""What lifted fragments are called and how they are documented: from docstrings where there are any, else from the code."""

import ast
import builtins
import re

from codegym_mcp.schema import Docstring, read_docstring
from synth.extract.copier import loaded, parameters
from synth.extract.drafts import Draft, Hidden, Site, normal_form
from synth.extract.lifting import Lifted
from synth.extract.visible import Visible
from synth.extract.words import Names, code, pascal, phrase, singular, words_of


def describe_function(function: ast.FunctionDef, elided: dict[str, Hidden], names: Names) -> Draft:
    """The tool that a function of the module becomes.

    Args:
        elided: parameters that the tool takes from the state.
    """
    key = f"function {function.name}"
    given = [p for p in parameters(function) if p not in elided]
    call = ast.Call(
        ast.Name(function.name, ast.Load()),
        [],
        [
            ast.keyword(p, _attribute(elided[p].attribute) if p in elided else ast.Name(p, ast.Load()))
            for p in parameters(function)
        ],
    )
    positional = [keyword.value for keyword in call.keywords[: len(function.args.args)]]
    call.args, call.keywords = positional, call.keywords[len(positional) :]
    return _from_docstring(function, call, given, names, key)


def describe_method(one: Hidden, method: ast.FunctionDef, names: Names) -> Draft:
    """The tool that a public method of a hidden object becomes."""
    key = f"method {one.attribute}.{method.name}"
    given = parameters(method)[1:]
    call = ast.Call(
        ast.Attribute(_attribute(one.attribute), method.name, ast.Load()), [ast.Name(p, ast.Load()) for p in given], []
    )
    positional = len(method.args.args) - 1
    call.keywords = [ast.keyword(p, ast.Name(p, ast.Load())) for p in given[positional:]]
    call.args = call.args[:positional]
    return _from_docstring(method, call, given, names, key)


def _attribute(name: str) -> ast.expr:
    return ast.Attribute(ast.Name("self", ast.Load()), name, ast.Load())


def _from_docstring(function: ast.FunctionDef, call: ast.expr, given: list[str], names: Names, key: str) -> Draft:
    doc = read_docstring(ast.get_docstring(function))
    name = names.name(key, pascal(function.name))
    hints = {a.arg: a.annotation for a in (*function.args.args, *function.args.kwonlyargs) if a.annotation}
    defaults = dict(zip(reversed([a.arg for a in function.args.args]), reversed(function.args.defaults), strict=False))
    defaults |= {a.arg: d for a, d in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True) if d}
    return Draft(
        key=key,
        name=name,
        role="logic",
        parameters=given,
        body=[ast.Return(call)],
        purpose=_purpose(doc, function),
        documented={p: doc.parameters.get(p, "") for p in given},
        returns=doc.returns,
        example=_example(doc.example, function.name, name, given, parameters(function)),
        hints=hints | ({"return": function.returns} if function.returns else {}),
        defaults={p: d for p, d in defaults.items() if isinstance(d, ast.Constant)},
    )


def _purpose(doc: Docstring, function: ast.FunctionDef) -> str:
    """The docstring's text without doctests and fields of other styles, or a sentence made of the name."""
    lines = []
    for line in doc.purpose.splitlines():
        if re.match(
            r"\s*(>>>|:\w+|@\w+|-{3,}|(Args|Arguments|Parameters|Input|Output|Returns?|Examples?)\s*:?\s*$)", line, re.I
        ):
            break
        lines.append(line)
    text = "\n".join(lines).strip()
    if not text:
        words = words_of(function.name) or ["compute"]
        text = " ".join([words[0].capitalize(), *words[1:]]) + "."
    return text if text.endswith((".", ":", "!", "?")) else text + "."


def _example(text: str, old: str, name: str, given: list[str], all_of_them: list[str]) -> str:
    """The author's example under the tool's name, if it names exactly the parameters that the tool has."""
    if f"{old}(" not in text or set(given) != set(all_of_them) - {"self"}:
        return ""
    return re.sub(rf"(?<![\w.]){re.escape(old)}\(", f"{name}(", text)


def describe_site(site: Site, lifted: Lifted, visible: Visible, names: Names) -> Draft:
    """The tool that an expression, or some statements, become."""
    given = list(lifted.parameters)
    key = "site " + normal_form(lifted.body, given, attributes=False)
    block = isinstance(site.nodes[0], ast.stmt)
    wanted = _block_name(site) if block else _expression_name(site)
    return Draft(
        key=key,
        name=names.name(key, wanted),
        role="logic",
        parameters=given,
        body=lifted.body,
        purpose=_block_purpose(site) if block else _expression_purpose(site, lifted),
        documented={name: _parameter(name, value) for name, value in lifted.parameters.items()},
        returns=_block_returns(lifted) if block else "",
    )


def _topic(site: Site) -> str:
    """What a fragment is about: its longest names."""
    found = {n.id for node in site.nodes for n in ast.walk(node) if isinstance(n, ast.Name)}
    found |= {n.attr for node in site.nodes for n in ast.walk(node) if isinstance(n, ast.Attribute)}
    good = sorted((name for name in found if len(name) > 2 and not hasattr(builtins, name)), key=lambda n: (-len(n), n))
    return pascal("_".join(good[:2])) if good else pascal("_".join(sorted(found)[:2]) or "step")


COMPARISONS = {
    ast.Eq: "Equal",
    ast.NotEq: "Different",
    ast.Lt: "Less",
    ast.LtE: "AtMost",
    ast.Gt: "Greater",
    ast.GtE: "AtLeast",
}


def _expression_name(site: Site) -> str:
    node = site.nodes[0]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not hasattr(builtins, node.func.id):
        return pascal(node.func.id)
    if site.role in ("condition", "filter"):
        match node:
            case ast.Compare(left=ast.BinOp(op=ast.Mod()), ops=[ast.Eq()], comparators=[ast.Constant(value=0)]):
                return "IsDivisible"
            case ast.Call(func=ast.Attribute(attr=name)) if name.startswith("is"):
                return pascal(f"is_{name[2:]}")
            case ast.Compare(ops=[ast.In() | ast.NotIn()]):
                return f"IsMember{_topic(site)}"
            case ast.Compare(ops=[op]) if type(op) in COMPARISONS:
                return f"Is{COMPARISONS[type(op)]}{_topic(site)}"
        return f"Check{_topic(site)}"
    if site.target:
        return ("Next" if site.target in loaded(node) else "Compute") + pascal(singular(site.target))
    verb = {"element": "Transform", "result": "Conclude", "argument": "Compute"}.get(site.role, "Compute")
    return verb + _topic(site)


def _expression_purpose(site: Site, lifted: Lifted) -> str:
    text = code(lifted.value or site.nodes[0]).replace("self.", "")
    if site.role in ("condition", "filter"):
        return f"Tell whether {text}."
    if site.target:
        return f"Compute {text} for {phrase(site.target)}."
    return f"Compute {text}."


def _block_name(site: Site) -> str:
    return f"Process{pascal(singular(site.target))}" if site.target else f"Advance{_topic(site)}"


def _block_purpose(site: Site) -> str:
    lines = [line for node in site.nodes for line in ast.unparse(node).splitlines()]
    subject = f"one {phrase(singular(site.target))}" if site.target else "one step"
    shown = "\n".join(f"    {line}" for line in lines[:12])
    return f"Do the work for {subject}:\n\n{shown}" + ("\n    ..." if len(lines) > 12 else "")


def _block_returns(lifted: Lifted) -> str:
    values = ", ".join(lifted.outputs)
    one = (
        f"the new value of {values}"
        if len(lifted.outputs) == 1
        else f"the new values [{values}]"
        if values
        else "an empty list"
    )
    if lifted.signals == {"next"}:
        return one
    parts = [f'["next", x] with x being {one}']
    if "break" in lifted.signals:
        parts.append('["break", x] where the loop ends')
    if "return" in lifted.signals:
        parts.append('["return", x] where x is the result')
    return "; ".join(parts)


def _parameter(name: str, value: ast.expr) -> str:
    if isinstance(value, ast.Subscript):
        return f"the present value of {code(value)}"
    return f"the present value of {phrase(name)}" if len(name) > 1 else f"the present value of {name}"
