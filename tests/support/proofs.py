"""Which tests prove a case, and what they are given: read from the test modules as pytest itself collects them."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
# The case itself and two relatives of it.
LEAST = 3


@dataclass(frozen=True)
class Proof:
    """A test, as "module.py::function", and the inputs with which it proves a case.

    An input is the id of a parameter set, the text of one of its parameters, or, of a test that goes through several
    inputs itself, a piece of its source. A test for which none is named counts as one.
    """

    test: str
    inputs: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return max(1, len(self.inputs))


def by(test: str, *inputs: object) -> Proof:
    """A test and its inputs; numbers and other parameters are named as they are."""
    return Proof(test, tuple(map(str, inputs)))


@dataclass(frozen=True)
class Case:
    """Something that went wrong elsewhere or here; the first proof is that of the case itself, where it was met."""

    title: str
    proofs: tuple[Proof, ...]

    def __init__(self, title: str, *proofs: Proof) -> None:
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "proofs", proofs)

    @property
    def inputs(self) -> int:
        return sum(proof.count for proof in self.proofs)


@dataclass
class Collected:
    """The tests of this suite, module by module as they are asked for."""

    session: pytest.Session
    _modules: dict[str, dict[str, list[pytest.Function]]] = field(default_factory=dict)

    def functions(self, module: str) -> Mapping[str, list[pytest.Function]]:
        """The tests of a module by the name of their function, one for each parameter set."""
        if module not in self._modules:
            found: dict[str, list[pytest.Function]] = {}
            for item in pytest.Module.from_parent(self.session, path=TESTS / module).collect():
                if isinstance(item, pytest.Function):
                    found.setdefault(item.originalname, []).append(item)
            self._modules[module] = found
        return self._modules[module]

    def problems(self, proof: Proof) -> list[str]:
        """What a proof names that is not there, or names twice."""
        module, _, name = proof.test.partition("::")
        if not (TESTS / module).is_file() or name not in self.functions(module):
            return [f"{proof.test} is not there"]
        items = self.functions(module)[name]
        meant = [_meant(items, each) for each in proof.inputs]
        missing = [each for each, found in zip(proof.inputs, meant, strict=True) if not found]
        twice = len(set(meant)) < len(meant)
        return [f"{proof.test} has no input {each!r}" for each in missing] + [f"{proof.test}: an input twice"] * twice


def _meant(items: Iterable[pytest.Function], given: str) -> frozenset[str]:
    """The parameter sets, or the piece of source, that an input names."""
    items = list(items)
    found = {item.name for item in items if given in _names(item)}
    if not found and given in inspect.getsource(items[0].function):
        found = {given}
    return frozenset(found)


def _names(item: pytest.Function) -> set[str]:
    callspec = getattr(item, "callspec", None)
    return {callspec.id, *map(str, callspec.params.values())} if callspec else set()
