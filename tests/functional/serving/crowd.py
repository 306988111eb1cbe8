"""Clients that send requests while something happens to the installation."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from webtest import TestResponse

Person = Callable[[], Iterable[TestResponse]]


class Crowd:
    """People who ask without pause, each in a thread, while the frame lasts; and what they were answered.

    Everybody has been answered once before it begins and once more before it ends.
    """

    def __init__(self, people: Sequence[Person]) -> None:
        self._is_over = threading.Event()
        self._rounds = [0] * len(people)
        self._threads = [
            threading.Thread(target=self._work, args=(number, ask)) for number, ask in enumerate(people)
        ]
        self.answers: Counter[int] = Counter()
        self.refused: list[TestResponse] = []

    def __enter__(self) -> Crowd:
        for thread in self._threads:
            thread.start()
        self.wait_for_rounds(1)
        return self

    def __exit__(self, *_: object) -> None:
        self.wait_for_rounds(2)
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _work(self, number: int, ask: Person) -> None:
        while not self._is_over.is_set():
            for answer in ask():
                self.answers[answer.status_int] += 1
                if answer.status_int not in {200, 201}:
                    self.refused.append(answer)
            self._rounds[number] += 1

    def wait_for_rounds(self, count: int) -> None:
        """Wait until everybody still at work has received this many more answers."""
        wanted = [rounds + count for rounds in self._rounds]
        while any(
            thread.is_alive() and done < want
            for thread, done, want in zip(self._threads, self._rounds, wanted, strict=True)
        ):
            time.sleep(0.01)
