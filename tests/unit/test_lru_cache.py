"""A cache of limited size keeps what was used last."""

from __future__ import annotations

import threading

from crmtenant.lru_cache import LruCache


def test_the_entry_unused_for_longest_goes_first():
    recent = LruCache(2)
    recent.put("a", 1)
    recent.put("b", 2)
    recent.get("a")
    recent.put("c", 3)
    assert (recent.get("a"), recent.get("b"), recent.get("c")) == (1, None, 3)


def test_putting_again_replaces_and_counts_as_use():
    recent = LruCache(2)
    recent.put("a", 1)
    recent.put("b", 2)
    recent.put("a", 9)
    recent.put("c", 3)
    assert (recent.get("a"), recent.get("b"), len(recent)) == (9, None, 2)


def test_peeking_is_no_use():
    recent = LruCache(2)
    recent.put("a", 1)
    recent.put("b", 2)
    assert (recent.peek("a"), recent.peek("x")) == (1, None)
    recent.put("c", 3)
    assert (recent.get("a"), recent.get("b"), recent.get("c")) == (None, 2, 3)


def test_threads_never_make_it_grow_beyond_its_size():
    recent = LruCache(50)

    def fill(start):
        for number in range(start, start + 2000):
            recent.put(number, number)
            recent.get(number - 10)

    threads = [threading.Thread(target=fill, args=(start * 1000,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(recent) == 50
