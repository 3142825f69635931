"""What a Python module takes from others, and what a module has to give."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
FORGIVING = frozenset({"ImportError", "ModuleNotFoundError", "AttributeError", "Exception"})
DYNAMIC = frozenset({"globals", "vars", "locals", "exec", "__getattr__", "modules"})


class Import(NamedTuple):
    """One module or name that is imported.

    `module` is as written, with a leading dot for each level; `name` is None in `import module`.
    """

    module: str
    name: str | None
    line: int

    @property
    def target(self) -> tuple[str, str | None]:
        """Give what is imported, wherever it is written."""
        return self.module, self.name


def imported(tree: ast.AST, lines: Sequence[range]) -> Iterator[Import]:
    """Give what a module imports on some of its lines, counted from 1.

    An import whose failure is caught is left out: the module can do without it.
    """
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            if isinstance(node, ast.stmt) and not _touches(node, lines):
                continue
            if not isinstance(node, ast.Try) or not any(map(_forgives, node.handlers)):
                yield from _imports(node)
                yield from imported(node, lines)


def given(tree: ast.Module) -> frozenset[str] | None:
    """Give the names that a module binds on any path, None where it may make up others."""
    outer = list(_outer(tree))
    nodes = list(ast.walk(tree))
    if any(map(_is_dynamic, outer)) or any(map(_reaches_out, nodes)):
        return None
    anywhere = (node for node in nodes if isinstance(node, ast.Global))
    return frozenset(name for node in (*outer, *anywhere) for name in _bound(node))


def _touches(node: ast.stmt, lines: Sequence[range]) -> bool:
    last = node.end_lineno or node.lineno
    return any(part.start <= last and node.lineno < part.stop for part in lines)


def _imports(node: ast.AST) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(alias.name, None, node.lineno) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        yield from (Import(module, alias.name, node.lineno) for alias in node.names)


def _forgives(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or ast.unparse(kind) in FORGIVING for kind in caught)


def _is_dynamic(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return any(alias.name == "*" for alias in node.names)
    return not DYNAMIC.isdisjoint(_named(node))


def _reaches_out(node: ast.AST) -> bool:
    """Tell whether a module's names are got hold of, wherever in it that is."""
    if isinstance(node, ast.Subscript):
        return ast.unparse(node) == "sys.modules[__name__]"
    return "globals" in _named(node)


def _named(node: ast.AST) -> set[str | None]:
    return {getattr(node, field, None) for field in ("id", "attr", "name")}


def _outer(node: ast.AST) -> Iterator[ast.AST]:
    """Give all nodes outside of functions and classes, and these themselves."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, SCOPES):
            yield from _outer(child)


def _bound(node: ast.AST) -> Iterable[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.Global):
        return node.names
    if isinstance(node, ast.Name):
        return [node.id] if isinstance(node.ctx, ast.Store) else []
    name = getattr(node, "name", None)  # functions, classes, what an except or a match names
    return [name] if isinstance(name, str) else []
