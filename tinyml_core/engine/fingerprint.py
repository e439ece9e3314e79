"""Fingerprints: a hash over everything that can change an outcome, computed without importing what is hashed."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib
import importlib.util
import json
import os
import platform
import sys
import threading
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
    """What a module imports, and the digest of its code."""
    path = _existing(module)
    imported, digest = _noted(path) or _parsed(path)
    found = set()
    for name, parts in imported:
        whole = [f"{name}.{part}" for part in parts] or [name]
        found |= {each if _path(each) else name for each in whole}
    for each in found:
        _existing(each)
    return frozenset(found), digest


Parsed = tuple[list[tuple[str, list[str]]], str]
"""The imports of a source file, each with the names taken `from` it, and the digest of its code."""


def _noted(path: Path) -> Parsed | None:
    """What was noted of a source file beside its bytecode, if its content is still the same.

    A page of a new server waits for thirty files to be parsed, so Python's own cure is used, with a checksum for the time.
    """
    try:
        source, imported, digest = json.loads(_note(path).read_bytes())
        return (imported, digest) if source == _state(path) else None
    except (OSError, ValueError, TypeError):
        return None


def _note(path: Path) -> Path:
    return Path(importlib.util.cache_from_source(str(path))).with_suffix(".json")


def _state(path: Path) -> str:
    """Of a source file, and of this one, which says how it is read."""
    return file_digest(path) + file_digest(Path(__file__))


def _parsed(path: Path) -> Parsed:
    tree = ast.parse(path.read_bytes())
    imported: list[tuple[str, list[str]]] = []
    for statement in _statements(tree):
        if isinstance(statement, ast.Import):
            imported += [(alias.name, []) for alias in statement.names if _is_ours(alias.name)]
        elif isinstance(statement, ast.ImportFrom):
            if statement.level:
                raise ValueError(f"{path.name} imports by dots, which is not followed; name the package.")
            if statement.module is not None and _is_ours(statement.module):
                imported.append((statement.module, [alias.name for alias in statement.names]))
    for block in _statements(tree, typed=True):
        body = getattr(block, "body", None)
        if isinstance(body, list):
            kept = [one for one in body if not _is_text(one)]
            block.body = kept if kept or isinstance(block, ast.Module) else [ast.Pass()]  # type: ignore[attr-defined]
    digest = sha256(ast.unparse(tree).encode())
    if not sys.dont_write_bytecode:
        with contextlib.suppress(OSError):  # a folder that cannot be written has no bytecode either
            note = _note(path)
            note.parent.mkdir(parents=True, exist_ok=True)
            part = note.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
            part.write_text(json.dumps([_state(path), imported, digest]))
            os.replace(part, note)
    return imported, digest


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
