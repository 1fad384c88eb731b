"""In which order a program is worked off: how often all blocks are gone through, and for what.

A line relative to the population, a count of repeated values or a share of a village's households
needs everybody before anybody can be answered with it. Such totals are tallied in one pass over
the blocks and used in the next. Whatever needs none of them needs one pass only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock
from typing import Any, Protocol

import numpy as np

from yihu.rulebook.arrays.values import Array
from yihu.rulebook.columns.blocks import Above, BlockScope
from yihu.rulebook.columns.kernel import Resolved
from yihu.rulebook.columns.places import PlaceScope
from yihu.rulebook.columns.repeated import Counted
from yihu.rulebook.columns.tallies import Tally
from yihu.rulebook.program import POPULATION
from yihu.rulebook.snapshot import Block, Snapshot
from yihu.rulebook.tree import Agg, CountTest, Node, Repeats, Up

#: Blocks that one thread works off and writes to one file: a million households.
RANGE = 16


class Progress(Protocol):
    """Told how many of how many blocks are done, all passes together."""

    def __call__(self, done: int, of: int) -> None:
        """Called after each block."""


class Staging:
    """Which pass each node of a program belongs to."""

    def __init__(self, resolved: Resolved, snapshot: Snapshot) -> None:
        self.resolved = resolved
        self.streamed = {snapshot.lower, snapshot.upper} - {""}
        self._stages: dict[int, int] = {}

    def is_tallied(self, node: Node) -> bool:
        """Whether the node can only be known after all blocks have been gone through."""
        if isinstance(node, Repeats):
            return node.level in self.streamed
        if not isinstance(node, Agg | CountTest):
            return False
        agg = node.agg if isinstance(node, CountTest) else node
        return agg.over in self.streamed and node.level not in self.streamed

    def stage(self, node: Node) -> int:
        """The first pass (from 0) in which the node can be computed."""
        node = self.resolved.node(node)
        if id(node) not in self._stages:
            below = max((self.stage(part) for part in self.resolved.parts(node)), default=0)
            self._stages[id(node)] = below + self.is_tallied(node)
        return self._stages[id(node)]

    def tallied_after(self, roots: Iterable[Node], done: int) -> list[Node]:
        """What is to be tallied in pass `done`, for these roots."""
        nodes = self.resolved.reached(roots, lambda _: False).values()
        return [n for n in nodes if self.is_tallied(n) and self._operand_stage(n) == done]

    def _operand_stage(self, node: Node) -> int:
        inner = self.resolved.parts(node)
        if isinstance(node, CountTest):
            inner = inner[:-1]  # the side it is compared with is asked above
        return max((self.stage(part) for part in inner), default=0)


class Runner:
    """Runs a program over a snapshot, pass by pass."""

    def __init__(
        self,
        snapshot: Snapshot,
        resolved: Resolved,
        roots: Iterable[Node],
        *,
        threads: int,
        progress: Progress | None = None,
    ) -> None:
        self.snapshot, self.resolved = snapshot, resolved
        self.staging = Staging(resolved, snapshot)
        self.roots = [resolved.node(root) for root in roots]
        self.threads, self.progress = threads, progress
        self.tallies: dict[int, Tally] = {}
        self.counted: dict[int, Counted] = {}
        self.places = PlaceScope(snapshot, resolved, self.tallies)
        blocks = self.staging.streamed
        below = [self.staging.stage(r) for r in self.roots if r.level in blocks]
        above = [self.staging.stage(r) for r in self.roots if r.level not in blocks]
        self.last = max(max(below, default=0), max(above, default=0) - 1, 0)
        self._done = 0
        self._counting = Lock()

    def run(self, roots: list[Node], visit: Visit | None) -> None:
        """All passes; in the last, blocks are shown to `visit`, then to its `take` in order."""
        for number in range(self.last):
            self._pass(number, [], None)
        self._pass(self.last, roots, visit)

    def run_apart(self, roots: list[Node], opened: Callable[[int], Range]) -> None:
        """All passes; in the last, each range of blocks is shown to what `opened` gives for it."""
        for number in range(self.last):
            self._pass(number, [], None)
        jobs, scope_of = self._prepared(self.last, roots)
        blocks = self.snapshot.blocks
        stop = Event()

        def work(start: int) -> list[list[Any]]:
            place = opened(start // RANGE)
            shares = []
            with np.errstate(all="ignore"):
                for block in blocks[start : start + RANGE]:
                    if stop.is_set():
                        break
                    scope = scope_of(block)
                    shares.append([job.share(scope) for job in jobs])
                    place.visit(scope)
                    self._report()
            place.close()
            return shares

        try:
            for shares in self._in_order(work, range(0, len(blocks), RANGE)):
                for of_block in shares:
                    _take(jobs, of_block)
        finally:
            stop.set()
        for job in jobs:
            job.finish()

    def _pass(self, number: int, roots: list[Node], visit: Visit | None) -> None:
        jobs, scope_of = self._prepared(number, roots)
        if not jobs and visit is None:
            return
        takers: list[Any] = [*jobs, *([visit] if visit is not None else [])]

        def work(block: Block) -> list[Any]:
            with np.errstate(all="ignore"):
                scope = scope_of(block)
                return [taker.share(scope) for taker in takers]

        for shares in self._in_order(work, self.snapshot.blocks):
            _take(takers, shares)
            self._report()
        for job in jobs:
            job.finish()

    def _prepared(
        self, number: int, outputs: list[Node]
    ) -> tuple[list[Any], Callable[[Block], BlockScope]]:
        """What is tallied in a pass, and the scope of each block in it."""
        wanted = self.staging.tallied_after(self.roots, number)
        jobs = [self._job(node) for node in wanted]
        roots = [part for node in wanted for part in self._operands(node)] + outputs
        above, uses = self._above(roots), self._uses(roots)
        return jobs, lambda block: BlockScope(self.snapshot, block, self.resolved, above, uses)

    def _in_order(self, work: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """Results in the order of the items, computed a few ahead."""
        if self.threads <= 1:
            yield from map(work, items)
            return
        with ThreadPoolExecutor(self.threads) as pool:
            waiting: deque[Future[Any]] = deque()
            try:
                for item in items:
                    waiting.append(pool.submit(work, item))
                    if len(waiting) > self.threads:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def _report(self) -> None:
        with self._counting:
            self._done += 1
            if self.progress is not None:
                self.progress(self._done, len(self.snapshot.blocks) * (self.last + 1))

    # -- what a pass needs ---------------------------------------------------------------------

    def _operands(self, node: Node) -> list[Node]:
        inner = self.resolved.parts(node)
        return list(inner[:-1] if isinstance(node, CountTest) else inner)

    def _job(self, node: Node) -> Any:
        if isinstance(node, Repeats):
            counted = self.counted[id(node)] = Counted(node)
            return counted
        if not isinstance(node, Agg | CountTest):
            raise TypeError(node)
        tally = self.tallies[id(node)] = Tally(node, self.snapshot.count(node.level))
        return _Placed(tally, self.snapshot, self.places)

    def _in_block(self, node: Node) -> bool:
        return node.level in self.staging.streamed or node.level == ""

    def _stops(self, node: Node) -> bool:
        """Whether what lies below the node is computed elsewhere."""
        if isinstance(node, Up):
            return self.resolved.looked_at(node) not in ("", *self.staging.streamed)
        return not self._in_block(node)

    def _reached(self, roots: list[Node]) -> list[Node]:
        return list(self.resolved.reached(roots, self._stops).values())

    def _uses(self, roots: list[Node]) -> dict[int, int]:
        uses: dict[int, int] = {}
        for root in roots:
            node = self.resolved.node(root)
            uses[id(node)] = uses.get(id(node), 0) + 1
        for node in self._reached(roots):
            if self._stops(node):
                continue
            for part in self.resolved.parts(node):
                uses[id(part)] = uses.get(id(part), 0) + 1
        return uses

    def _above(self, roots: list[Node]) -> Above:
        """Everything a pass sees from above households, computed once before it."""
        values = {}
        with np.errstate(all="ignore"):
            for node in self._reached(roots):
                if not isinstance(node, Up) or not self._stops(node):
                    continue
                body = self.resolved.node(node.body)
                above = self.resolved.looked_at(node)
                for level in self._seen_at(above):
                    values[id(body), above, level] = self.places.seen_from(body, above, level)
        counted = {key: one.of for key, one in self.counted.items()}
        return Above(values, counted)

    def _seen_at(self, above: str) -> list[str]:
        if above == POPULATION:
            return [POPULATION]
        parents = self.snapshot.parents
        return [parents[level][0] for level in self.staging.streamed if level in parents]


def _take(takers: list[Any], shares: list[Any]) -> None:
    for taker, share in zip(takers, shares, strict=True):
        taker.take(share)


class Range(Protocol):
    """Where the blocks of a range go."""

    def visit(self, scope: BlockScope) -> None:
        """The next block of the range."""

    def close(self) -> None:
        """No more blocks."""


class Visit(Protocol):
    """Looks at each block of the last pass."""

    def share(self, scope: BlockScope) -> Any:
        """Done by the worker that has the block."""

    def take(self, share: Any) -> None:
        """Called in the order of the blocks."""


class _Placed:
    """A tally with the place of each row."""

    def __init__(self, tally: Tally, snapshot: Snapshot, places: PlaceScope) -> None:
        self.tally, self.snapshot = tally, snapshot
        self.level, self.over = tally.node.level, tally.agg.over
        self._near: dict[str, Array | None] = {}
        if self.level != POPULATION:
            for near in {p for p, _ in snapshot.parents.values()}:
                self._near[near] = places.index(near, self.level)

    def share(self, scope: BlockScope) -> Any:
        """What a block gives."""
        return self.tally.share(scope, self._group(scope))

    def _group(self, scope: BlockScope) -> Array | None:
        if self.level == POPULATION:
            return None
        snapshot, rows = self.snapshot, scope.rows(self.over)
        start = self.over
        if start == snapshot.lower and start not in snapshot.parents:
            start = snapshot.upper
        index = scope.place_index(start)
        near = self._near.get(snapshot.parents[start][0]) if index is not None else None
        if index is None or near is None:
            return np.full(rows, -1, np.int32)
        group = near.take(index[0], mode="wrap") if len(near) else np.full_like(index[0], -1)
        group = np.where(index[0] < 0, np.int32(-1), group)
        return scope.members.lift(group, -1) if start != self.over else group

    def take(self, share: Any) -> None:
        """Add a block's share."""
        self.tally.take(share)

    def finish(self) -> None:
        """All blocks are in."""
        self.tally.finish()
