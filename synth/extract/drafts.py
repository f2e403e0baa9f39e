"""What an environment is made of before it is written down: hidden values, tools, and the plan that says what is lifted."""

import ast
import re
from dataclasses import dataclass, field
from typing import Any

PLAIN = ("int", "float", "bool", "None", ["any", ["None", "int"]], ["any", ["None", "float"]])
RESERVED_ATTRIBUTES = {"seed", "rng", "reset", "observe", "answer", "check", "solve", "generate", "self", "call"}


class Unliftable(Exception):
    """A fragment cannot become a tool, or a value cannot be hidden; the text says why."""


@dataclass(eq=False)
class Hidden:
    """A value that lives in the state and is reached through tools alone."""

    owner: ast.AST
    """The function whose variable it is."""
    name: str
    shape: Any
    source: str
    """input, derived (made of inputs once and for all), working (changed as the work goes on) or object."""
    init: ast.expr | None = None
    """Where it does not come with the input: what it is at first."""
    upfront: bool = False
    """The skeleton reads all of it at its start, and works on its own copy."""
    copied: bool = False
    """The skeleton changes its own copy, so tools must be told what they need of it."""
    secret: bool = False
    """Hidden although it is a number: there is nothing else to hide."""
    attribute: str = ""
    """Its name in the state, given by `attributes`."""
    whole: bool = False
    """A text that is only used as a whole."""
    class_name: str = ""
    """object: its class in the module."""

    @property
    def shown(self) -> bool:
        """Whether Observe tells its value: a number, or a short text that is used as a whole."""
        return not self.secret and (self.whole or (self.source in ("input", "derived") and self.shape in PLAIN))


def attributes(hidden: list[Hidden]) -> None:
    """Give each hidden value a name of its own in the state."""
    taken = set(RESERVED_ATTRIBUTES)
    for one in hidden:
        name = one.name.strip("_") or "value"
        one.attribute = next(text for text in (name, f"{name}_", *(f"{name}_{n}" for n in range(2, 1000))) if text not in taken)
        taken.add(one.attribute)


@dataclass(eq=False)
class Draft:
    """A tool in the making."""

    key: str
    """Equal keys are the same tool."""
    name: str
    role: str
    """access (reads hidden values), change (keeps them), logic (part of the solution's work)."""
    parameters: list[str]
    body: list[ast.stmt]
    """What it does, its last statement being a return where there is one; hidden values are attributes of self."""
    purpose: str
    documented: dict[str, str] = field(default_factory=dict)
    """Parameter -> its documentation."""
    returns: str = ""
    example: str = ""
    hints: dict[str, ast.expr] = field(default_factory=dict)
    """Type hints of the author, by parameter; "return" for the result."""
    defaults: dict[str, ast.expr] = field(default_factory=dict)
    checks: str = ""
    """Source of the statements that check the arguments."""

    @property
    def normal(self) -> str:
        """Its code with all names of parameters, attributes and local variables replaced: equal code counts once."""
        return normal_form(self.body, self.parameters)


def normal_form(body: list[ast.stmt], parameters: list[str], *, attributes: bool = True) -> str:
    """Code with its own names replaced, and those of hidden values too unless `attributes` is false."""
    text = "\n".join(ast.unparse(ast.fix_missing_locations(statement)) for statement in body)
    stored = (n for statement in body for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    own, names = {*parameters, *(n.id for n in stored)}, dict[str, str]()

    def rename(match: re.Match[str]) -> str:
        word = match[0]
        known = attributes if word.startswith("self.") else word in own
        return names.setdefault(word, f"v{len(names)}") if known else word

    return re.sub(r"self\.\w+|(?<![\w.'\"])[A-Za-z_]\w*", rename, text)


@dataclass(frozen=True, eq=False)
class Site:
    """A fragment that may become a tool."""

    nodes: tuple[ast.AST, ...]
    """One expression, or consecutive statements of one block."""
    stack: tuple[ast.AST, ...]
    """Scopes around it."""
    role: str
    """condition, filter, value, element, argument, result, body."""
    target: str = ""
    """The variable or container that gets its value."""
    looped: bool = False
    """Whether it stands in a loop, a comprehension or an inner function."""
    children: tuple["Site", ...] = ()
    """Smaller fragments within it, to be tried when it cannot be lifted."""


@dataclass
class Plan:
    """What is hidden and what is lifted. Rendering it gives an environment."""

    hidden: list[Hidden] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    """Functions of the module that are tools as a whole."""
    sites: list[Site] = field(default_factory=list)

    @property
    def key(self) -> tuple[Any, ...]:
        """Equal for plans that hide and lift the same, in the same order."""
        hidden = tuple((id(one.owner), one.name, one.upfront) for one in self.hidden)
        return hidden, tuple(self.functions), tuple(tuple(map(id, site.nodes)) for site in self.sites)

    def with_(self, **more: Any) -> "Plan":
        """A plan with one thing more in each list named."""
        return Plan(
            hidden=self.hidden + more.get("hidden", []),
            functions=self.functions + more.get("functions", []),
            sites=self.sites + more.get("sites", []),
        )
