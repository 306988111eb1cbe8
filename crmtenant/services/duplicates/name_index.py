"""Finds the names that agree with a name among thousands at one address, in the same time as among a few."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, product
from typing import Generic, TypeVar

from crmtenant.text.compared_names import ComparedName, agree, is_initial

T = TypeVar("T")

FEW = 12
"""So many names are compared one by one."""
MOST_FOUND = 20
_MOST_WORDS = 5
"""Of longer names only the complete one is looked up; the number of their views grows with the power of the words."""

View = tuple[str, ...]


class NameIndex(Generic[T]):
    """The things at one address, by name. There is at least one, and at most addresses no other: it costs little."""

    __slots__ = ("_all", "_views")

    def __init__(self) -> None:
        self._all: list[tuple[ComparedName, T]] = []
        self._views: _Views | None = None

    @property
    def first(self) -> T:
        """The one that was added first."""
        return self._all[0][1]

    def add(self, name: ComparedName, item: T) -> None:
        """Add the thing under this name, unless it is there."""
        if self._views is None:
            if any(item is other and name == known for known, other in self._all):
                return
        elif not self._views.is_new(name, item):
            return
        self._all.append((name, item))
        if self._views is not None:
            self._views.add(len(self._all) - 1, name)
        elif len(self._all) > FEW:
            self._views = _Views(self._all)

    def agreeing(self, name: ComparedName) -> list[T]:
        """Return those whose names do not contradict this one, at most 20, the first added first."""
        places = (
            range(len(self._all)) if self._views is None or not name.whole else self._views.candidates(name)
        )
        found = (self._all[place][1] for place in places if agree(name, self._all[place][0]))
        return list(islice(found, MOST_FOUND))


class _Views:
    """Places in the list of names, by what can be seen of the names."""

    def __init__(self, names: Sequence[tuple[ComparedName, object]]) -> None:
        self._seen = {(name, id(item)) for name, item in names}
        self._partial: dict[View, list[int]] = {}
        self._complete: dict[View, list[int]] = {}
        self._saying_nothing: list[int] = []
        for place, (name, _) in enumerate(names):
            self.add(place, name)

    def is_new(self, name: ComparedName, item: object) -> bool:
        """Return whether the thing was not added under this name; now it is."""
        before = len(self._seen)
        self._seen.add((name, id(item)))
        return len(self._seen) > before

    def add(self, place: int, name: ComparedName) -> None:
        """Add the name at this place."""
        if not name.whole:
            self._saying_nothing.append(place)
        for views, index in (
            (_views(name, _stored_forms, is_complete=False), self._partial),
            (_views(name, _stored_forms, is_complete=True), self._complete),
        ):
            for view in set(views):
                index.setdefault(view, []).append(place)

    def candidates(self, name: ComparedName) -> list[int]:
        """Return the places of names that may agree: one of the two has all words of the other."""
        found = set(self._saying_nothing[:MOST_FOUND])
        for views, index in (
            (_views(name, _asked_forms, is_complete=True), self._partial),
            (_views(name, _asked_forms, is_complete=False), self._complete),
        ):
            for view in views:
                found.update(index.get(view, ())[:MOST_FOUND])
        return sorted(found)


def _views(
    name: ComparedName, forms: Callable[[str], tuple[str, ...]], *, is_complete: bool
) -> Iterator[View]:
    """Yield what can be seen of a name: each word whole, as its initial or, in a partial view, not at all."""
    yield ("", name.whole)
    for words in {name.words, name.joined} - {()}:
        if len(words) > _MOST_WORDS:
            yield words
            continue
        choices = [(*forms(word), *(() if is_complete else (None,))) for word in words]
        for chosen in product(*choices):
            if view := tuple(sorted(filter(None, chosen))):
                yield view


def _stored_forms(word: str) -> tuple[str, ...]:
    """Return the forms of a stored word: `=a` is an initial, `~a` the initial of a whole word."""
    if is_initial(word):
        return (f"={word}",)
    return (word, f"~{word[0]}")


def _asked_forms(word: str) -> tuple[str, ...]:
    """Return the stored forms that the word agrees with."""
    if is_initial(word):
        return (f"={word}", f"~{word}")
    return (word, f"={word[0]}")
