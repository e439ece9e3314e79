"""Fingerprints: a hash over everything that can change an outcome, computed without importing what is hashed."""

from __future__ import annotations

import ast
import hashlib
import importlib
import importlib.util
import json
import platform
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGE = __name__.partition(".")[0]

ROOT = Path(sys.modules[PACKAGE].__file__ or "").parent
"""Where the sources lie that count."""


def sha256(data: bytes) -> str:
    """The hexadecimal SHA-256 of some bytes: their content address."""
    return hashlib.sha256(data).hexdigest()


def of(value: Any) -> str:
    """The fingerprint of a JSON-able value; the order of keys does not matter."""
    return sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode())


# ---- libraries and their files -----------------------------------------------------------------------------------


def package_file(module: str, file: str) -> Path:
    """A data file inside an installed package, found without importing the package.

    Raises:
        FileNotFoundError: The package is not installed or lacks the file.
    """
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"the package {module} is not installed")
    path = Path(next(iter(spec.submodule_search_locations))) / file
    if not path.is_file():
        raise FileNotFoundError(f"the package {module} lacks its file {file}")
    return path


@cache
def version(package: str) -> str:
    """The installed version of a distribution, or `absent`."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"


@cache
def file_digest(path: Path) -> str:
    """The SHA-256 of a file; read once in the life of this process."""
    return sha256(path.read_bytes())


@cache
def libraries(*packages: str) -> dict[str, str]:
    """Versions of libraries, of Python and of the kind of machine, as far as they can change bytes or scores.

    Not the processor, which can change last digits only: machines that share a store need not all do the same work.
    """
    return {
        **{package: version(package) for package in packages},
        "python": ".".join(platform.python_version_tuple()[:2]),
        "machine": f"{platform.system()} {platform.machine()}",
    }


# ---- our own sources ---------------------------------------------------------------------------------------------


@cache
def sources(*modules: str, alone: tuple[str, ...] = ()) -> str:
    """One digest of the code of some modules and of all that they import, straight or through others.

    Those named `alone` count without what they import. Raises what `imports` does.
    """
    return of([[module, code_digest(module)] for module in sorted(closure(*modules).union(alone))])


@cache
def closure(*modules: str) -> frozenset[str]:
    """Some modules and all of this package that they import, straight or through others; raises what `imports` does."""
    found, left = set(modules), list(modules)
    while left:
        new = imports(left.pop()) - found
        found |= new
        left += new
    return frozenset(found)


def imports(module: str) -> frozenset[str]:
    """The modules of this package that a module imports, at its head or inside a function, but for types alone.

    Raises:
        FileNotFoundError: There is no such module, or it imports one that does not exist.
    """
    return _read(module)[0]


def code_digest(module: str) -> str:
    """A digest of a module's code; comments, docstrings and layout do not count. Raises what `imports` does."""
    return _read(module)[1]


@cache
def _read(module: str) -> tuple[frozenset[str], str]:
    """What a module imports, and the digest of its code: parsed once, for a page waits for it when a server is new."""
    tree = ast.parse(_existing(module).read_bytes())
    found: set[str] = set()
    for statement in _statements(tree):
        if isinstance(statement, ast.Import):
            found |= {alias.name for alias in statement.names if _is_ours(alias.name)}
        elif isinstance(statement, ast.ImportFrom):
            if statement.level:
                raise ValueError(f"{module} imports by dots, which is not followed; name the package.")
            if statement.module is not None and _is_ours(statement.module):
                whole = [f"{statement.module}.{alias.name}" for alias in statement.names]
                found |= {each if _path(each) else statement.module for each in whole}
    for each in found:
        _existing(each)
    for block in _statements(tree, typed=True):
        body = getattr(block, "body", None)
        if isinstance(body, list):
            kept = [one for one in body if not _is_text(one)]
            block.body = kept if kept or isinstance(block, ast.Module) else [ast.Pass()]  # type: ignore[attr-defined]
    return frozenset(found), sha256(ast.unparse(tree).encode())


def module_of(function: Callable[..., Any]) -> str:
    """The module in which a function was written."""
    while isinstance(function, partial):
        function = function.func
    return function.__module__


def _is_ours(module: str) -> bool:
    return module == PACKAGE or module.startswith(f"{PACKAGE}.")


def _path(module: str) -> Path | None:
    """The file of a module; None if there is none."""
    bare = ROOT.joinpath(*module.split(".")[1:])
    files = (bare.with_suffix(".py"), bare / "__init__.py") if bare != ROOT else (bare / "__init__.py",)
    return next((file for file in files if file.is_file()), None)


def _existing(module: str) -> Path:
    path = _path(module) if _is_ours(module) else None
    if path is None:
        raise FileNotFoundError(f"there is no module {module} in {ROOT}")
    return path


def _statements(tree: ast.Module, typed: bool = False) -> Iterator[ast.AST]:
    """All statements with the blocks they stand in; those that only a type checker sees are left out unless `typed`.

    Expressions are not entered: they hold no statement, and are most of a tree.
    """
    left: list[ast.AST] = [tree]
    while left:
        node = left.pop()
        yield node
        for part in ("body", "handlers", "cases", "orelse", "finalbody"):
            block = getattr(node, part, None)
            if isinstance(block, list) and (typed or part != "body" or not _is_for_types(node)):
                left += block


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
