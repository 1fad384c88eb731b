"""What was worked out a moment ago, kept under a key that tells all it was made of."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """The last values by key; for as long as they are likely to be asked for again.

    most     values kept; the one asked for least lately goes first
    seconds  how long one is kept
    """

    def __init__(self, most: int, seconds: float) -> None:
        self.most, self.seconds = most, seconds
        self._found: OrderedDict[K, tuple[V, float]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """The value under a key; None where there is none."""
        with self._lock:
            value, until = self._found.get(key, (None, 0.0))
            if monotonic() >= until:
                return None
            self._found.move_to_end(key)
            return value

    def keep(self, key: K, value: V) -> V:
        """Keep a value under a key, and return it."""
        with self._lock:
            self._found[key] = value, monotonic() + self.seconds
            self._found.move_to_end(key)
            while len(self._found) > self.most:
                self._found.popitem(last=False)
        return value

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._found.clear()

    def __len__(self) -> int:
        return len(self._found)
