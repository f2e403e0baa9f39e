"""The normal form of a solution: what stands elsewhere for no reason moves, each name means one thing; what it does stays."""

import ast
import copy

from synth.extract.copier import Scopes, arguments_of, defined, loaded, parameters, stored

FRESH = {
    "sorted": "sorted_{}",
    "split": "{}_parts",
    "splitlines": "{}_lines",
    "set": "unique_{}",
    "lower": "lower_{}",
    "upper": "upper_{}",
    "deepcopy": "{}_copy",
    "copy": "{}_copy",
}
"""Call -> how a name is called that is bound anew from itself."""
OF_NUMBERS = (ast.FloorDiv, ast.Div, ast.Mod, ast.Pow, ast.LShift, ast.RShift)
"""Operations that no container has."""


def normalise(tree: ast.Module, entry_point: str) -> None:
    """Change a module in place."""
    tree.body = [node for node in tree.body if not isinstance(node, (ast.Expr, ast.If)) or _defines_functions(node)]
    _hoist_imports(tree)
    _split_recursion(tree, entry_point)
    _hoist_closures(tree)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            given = _given_to_objects(node, tree) if node.name == entry_point else set[str]()
            _spell_out(node, given)
            _rename_rebound(node)
            _set_apart(node, given)


def _defines_functions(node: ast.stmt) -> bool:
    return any(isinstance(part, (ast.FunctionDef, ast.ClassDef)) for part in ast.walk(node)) and "__name__" not in loaded(node)


def _hoist_imports(tree: ast.Module) -> None:
    """Imports inside functions move to the top: what they name is the same there."""
    found: list[ast.stmt] = []
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        inner = [node for node in function.body if isinstance(node, (ast.Import, ast.ImportFrom))]
        if inner:
            function.body = [node for node in function.body if node not in inner] or [ast.Pass()]
            found += inner
    tree.body = found + tree.body


def _split_recursion(tree: ast.Module, entry_point: str) -> None:
    """An entry point that calls itself becomes one that calls a function which calls itself."""
    for number, node in enumerate(tree.body):
        if not isinstance(node, ast.FunctionDef) or node.name != entry_point:
            continue
        plain = not (node.args.vararg or node.args.kwarg or node.decorator_list)
        if plain and any(entry_point in loaded(other) for other in tree.body if isinstance(other, ast.FunctionDef)):
            inner = copy.deepcopy(node)
            inner.name = f"{entry_point}_step"
            for other in [inner, *(n for n in tree.body if isinstance(n, ast.FunctionDef) and n is not node)]:
                for part in ast.walk(other):
                    if isinstance(part, ast.Name) and part.id == entry_point:
                        part.id = inner.name
            call = ast.Call(ast.Name(inner.name, ast.Load()), [ast.Name(p, ast.Load()) for p in parameters(node)], [])
            node.body = [ast.Return(call)]
            tree.body.insert(number, inner)
        return


def _hoist_closures(tree: ast.Module) -> None:
    """Functions inside functions that use none of their variables become functions of the module."""
    scopes = Scopes()
    taken = {name for node in tree.body for name in defined(node)}
    body: list[ast.stmt] = []
    for outer in tree.body:
        if isinstance(outer, ast.FunctionDef):
            around = scopes.bound(outer)
            for inner in [node for node in outer.body if isinstance(node, ast.FunctionDef)]:
                uses = loaded(inner) - scopes.bound(inner)
                if inner.name not in taken and not (uses & around) - {inner.name} and _binds_outside(inner):
                    outer.body.remove(inner)
                    taken.add(inner.name)
                    body.append(inner)
            outer.body = outer.body or [ast.Pass()]
        body.append(outer)
    tree.body = body


def _binds_outside(function: ast.FunctionDef) -> bool:
    return not any(isinstance(node, (ast.Nonlocal, ast.Global)) for node in ast.walk(function)) and not function.decorator_list


def _rename_rebound(function: ast.FunctionDef) -> None:
    """`xs = sorted(xs)` at the top of a function binds a name of its own, so that each name means one thing."""
    names = {argument.arg for argument in arguments_of(function)} | set(stored(function))
    for number, statement in enumerate(function.body):
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            return
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            continue
        target = statement.targets[0]
        if not isinstance(target, ast.Name) or target.id not in loaded(statement.value):
            continue
        if any(isinstance(node, ast.Nonlocal) and target.id in node.names for node in ast.walk(function)):
            continue
        fresh = _fresh(target.id, statement.value, names)
        names.add(fresh)
        _rename(function.body[number + 1 :], target.id, fresh)
        target.id = fresh


def _given_to_objects(function: ast.FunctionDef, tree: ast.Module) -> set[str]:
    """Parameters of which a function makes an object of the module's own classes, itself or by way of other names."""
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    made = [node for node in ast.walk(function) if isinstance(node, ast.Call) and getattr(node.func, "id", "") in classes]
    return set(parameters(function)) & {name for call in made for name in loaded(call)}


def _spell_out(function: ast.FunctionDef, names: set[str]) -> None:
    """`n //= 2` at the top of a function becomes `n = n // 2`, where `n` cannot be a container that it changes."""
    for number, statement in enumerate(function.body):
        match statement:
            case ast.AugAssign(target=ast.Name(id=name), op=op, value=value) if name in names:
                number_given = isinstance(value, ast.Constant) and isinstance(value.value, (int, float))
                if number_given or isinstance(op, OF_NUMBERS):
                    changed = ast.BinOp(ast.Name(name, ast.Load()), op, value)
                    function.body[number] = ast.Assign([ast.Name(name, ast.Store())], changed, lineno=statement.lineno)


def _set_apart(function: ast.FunctionDef, names: set[str]) -> None:
    """A parameter that changes later gets another name from there on: what was made of it before is made of the input."""
    taken = {argument.arg for argument in arguments_of(function)} | set(stored(function))
    for name in sorted(names):
        number = next((place for place, node in enumerate(function.body) if name in stored(node)), None)
        if number is None or any(name in loaded(node) for node in function.body if isinstance(node, ast.FunctionDef)):
            continue
        fresh = _fresh(name, ast.Constant(0), taken)
        taken.add(fresh)
        _rename(function.body[number:], name, fresh)
        function.body.insert(number, ast.Assign([ast.Name(fresh, ast.Store())], ast.Name(name, ast.Load()), lineno=0))


def _rename(body: list[ast.stmt], name: str, fresh: str) -> None:
    for node in (node for statement in body for node in ast.walk(statement)):
        if isinstance(node, ast.Name) and node.id == name:
            node.id = fresh


def _fresh(name: str, value: ast.expr, taken: set[str]) -> str:
    called = ""
    if isinstance(value, ast.Call):
        called = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
    wanted = FRESH.get(called, "{}" if name.startswith("new_") else "new_{}").format(name)
    return next(text for text in (wanted, *(f"{wanted}_{n}" for n in range(2, 1000))) if text not in taken)
