"""The desk: same call, same future, for everyone. It owns the queue; workers only ever see what they can start."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Mapping
from concurrent.futures import Executor, Future
from dataclasses import replace

from tinyml_core.domain.outcome import Failure, was_stopped
from tinyml_core.engine.call import Answer, Call, Pool, Reply
from tinyml_core.engine.futures import done
from tinyml_core.engine.perform import perform
from tinyml_core.engine.progress import LocalProgress
from tinyml_core.engine.store import Store

log = logging.getLogger("tinyml")
REMEMBERED = 4000
LOADING = "loading TensorFlow"
INTEREST_S = 5.0


class Desk:
    """Hands calls to workers when a slot is free, and remembers what it asked.

    The quiet pool runs alone: only when no other call runs or waits, and others wait while it does.
    """

    def __init__(
        self,
        executors: Mapping[Pool, Executor],
        slots: Mapping[Pool, int],
        store: Store,
        progress: LocalProgress,
        isolated: Mapping[Pool, Executor] | None = None,
    ) -> None:
        """A desk before the workers of each pool, of whose calls so many may run at once (`slots`).

        `isolated` workers open what strangers brought; they are the same as for the lab's own files if None.
        """
        self.executors, self.slots, self.store, self.progress = executors, slots, store, progress
        self.isolated = executors if isolated is None else isolated
        self.trouble = ""
        """One sentence if the store cannot be written, else empty."""
        self.closed = threading.Event()
        self._known: OrderedDict[str, Future[Reply]] = OrderedDict()
        self._pools = Pools(slots)
        self._askers: dict[str, dict[str, float]] = {}
        self._lock = threading.RLock()

    def ask(self, call: Call, asker: str = "") -> Future[Reply]:
        """The future of a call: known, running for somebody else, or queued now; `asker` tells who waits for it."""
        with self._lock:
            known = self._usable(call.fingerprint, asker)
            if known is not None:
                self._known.move_to_end(call.fingerprint)
                return known
            future: Future[Reply] = Future()
            self._known[call.fingerprint] = future
            self._forget_oldest()
        stored = self.store.get(call.fingerprint) if call.keep else None
        if stored is not None:
            future.set_result(stored)
            return future
        with self._lock:
            self._pools.add(call, future)
        self._dispatch()
        return future

    def others_wait(self, fingerprint: str, asker: str) -> bool:
        """True if somebody else asked for a call a moment ago; pages ask again and again while they wait."""
        with self._lock:
            since = time.monotonic() - INTEREST_S
            return any(when > since for name, when in self._askers.get(fingerprint, {}).items() if name != asker)

    def recall(self, call: Call, asker: str = "") -> Future[Reply] | None:
        """The future of a call that is known, running or stored; None if it would have to be done."""
        with self._lock:
            known = self._usable(call.fingerprint, asker)
            if known is not None:
                return known
        stored = self.store.get(call.fingerprint) if call.keep else None
        if stored is None:
            return None
        with self._lock:
            return self._known.setdefault(call.fingerprint, done(stored))

    def _usable(self, name: str, asker: str) -> Future[Reply] | None:
        """What is known of a call that somebody asks for; nothing if a file of its answer was removed meanwhile."""
        if asker:
            self._askers.setdefault(name, {})[asker] = time.monotonic()
        known = self._known.get(name)
        if known is not None and known.done() and isinstance(reply := known.result(), Answer):
            paths = [blob.path for blob in reply.blobs.values() if blob.data is None]
            if not all(path and os.path.exists(path) for path in paths):
                del self._known[name]
                return None
        return known

    def stage(self, fingerprint: str) -> str:
        """What a call is doing now, in words for a person."""
        with self._lock:
            waits = self._pools.place(fingerprint)
            if waits is None:
                return self.progress.stage(fingerprint) or "starting"
            pool, place = waits
            if pool == "quiet":
                return "waiting for a quiet moment"
            loading = any(self.progress.stage(name) == LOADING for name in self._pools.served(pool))
            return f"waiting: {LOADING}" if loading else f"waiting, place {place + 1} in line"

    def begun(self, fingerprint: str) -> bool:
        """True while a worker is at a call."""
        with self._lock:
            return fingerprint in self._pools.served()

    def waiting(self) -> int:
        """How many calls wait for a worker, quiet ones left out."""
        with self._lock:
            return self._pools.waiting()

    def forget_failure(self, fingerprint: str) -> bool:
        """Let a call that failed or was stopped be asked anew; gives whether it had failed.

        Until then its failure stays its answer: a page that asks again twice a second must not kill a worker each time.
        """
        with self._lock:
            known = self._known.get(fingerprint)
            failed = known is not None and known.done() and isinstance(known.result(), Failure)
            if failed:
                del self._known[fingerprint]
        return failed

    def forget(self, fingerprint: str) -> None:
        """Let a call that is done, well or not, be asked anew: what it did outside of the store may be gone again."""
        with self._lock:
            known = self._known.get(fingerprint)
            if known is not None and known.done():
                del self._known[fingerprint]

    def cancel(self, fingerprint: str) -> None:
        """Give a call up: out of the queue, or its worker is killed. It stays given up until `forget_failure`."""
        with self._lock:
            waiting = self._pools.take_out(fingerprint)
            if waiting is not None:
                waiting.set_result(was_stopped("waiting", "before it began"))
                return
            running = self._known.get(fingerprint)
        if running is not None and not running.done():
            self.progress.cancel(fingerprint)

    def _dispatch(self) -> None:
        """Start what can be started; called whenever something changes."""
        while True:
            with self._lock:
                entry = self._pools.next()
                if entry is None:
                    return
                call, future = entry
                self.progress.forget(call.fingerprint)  # a wish to cancel that came too late for an earlier call
            try:
                work = (self.isolated if call.origin else self.executors)[call.pool].submit(perform, call)
            except Exception as error:
                if not self.closed.is_set():
                    log.exception("%s could not be handed to a worker", call.title)
                work = Future()
                work.set_result(Failure(call.step, f"No worker could be started: {error}.", "Ask again."))
            work.add_done_callback(lambda done, call=call, future=future: self._finish(call, future, done))  # type: ignore[misc]

    def _finish(self, call: Call, future: Future[Reply], work: Future[Reply]) -> None:
        try:
            reply = _inherited(work.result(), call.origin)
        except Exception as error:
            log.exception("%s failed unexpectedly", call.title)
            reply = Failure(call.step, f"An unexpected error: {error}", "The log has the details.")
        try:
            reply = self._keep(call, reply)
        finally:
            with self._lock:
                self._pools.done(call)
                self._askers.pop(call.fingerprint, None)
                # A future keeps all that ever waited for it; pages ask twice a second, so what is remembered is a fresh one.
                if self._known.get(call.fingerprint) is future:
                    self._known[call.fingerprint] = done(reply)
            self.progress.forget(call.fingerprint)
            future.set_result(reply)
            self._dispatch()

    def _keep(self, call: Call, reply: Reply) -> Reply:
        if not call.keep or (isinstance(reply, Failure) and not reply.lasting):
            return reply
        try:
            reply, self.trouble = self.store.put(call.fingerprint, reply), ""
        except OSError as error:
            self.trouble = (
                f"The store {self.store.folder} cannot be written ({error.strerror or error}). "
                "Results are kept until the lab ends; free some space or name another folder with TINYML_STORE."
            )
        return reply

    def _forget_oldest(self) -> None:
        while len(self._known) > REMEMBERED:
            key = next((key for key, future in self._known.items() if future.done()), None)
            if key is None:
                return
            del self._known[key]

    def close(self) -> None:
        """End all workers; what runs is lost."""
        self.closed.set()
        for executor in {*self.executors.values(), *self.isolated.values()}:
            executor.shutdown(wait=False, cancel_futures=True)


def _inherited(reply: Reply, origin: str) -> Reply:
    """The reply, its bytes marked as coming of something brought if the call's were."""
    if not origin or isinstance(reply, Failure):
        return reply
    return replace(reply, blobs={name: replace(blob, origin=origin) for name, blob in reply.blobs.items()})


Entry = tuple[Call, Future[Reply]]


class Pools:
    """A line for each pool. The quiet one is served alone: only when nobody else is served or waits, and others wait meanwhile."""

    def __init__(self, slots: Mapping[Pool, int]) -> None:
        """Nobody waits; `slots` says how many calls of a pool may be served at once."""
        self.slots = slots
        self._waiting: dict[Pool, deque[Entry]] = {pool: deque() for pool in slots}
        self._served: dict[Pool, dict[str, bool]] = {pool: {} for pool in slots}
        """Fingerprints, and whether the call is about something brought."""

    def add(self, call: Call, future: Future[Reply]) -> None:
        """Queue a call behind those of its pool whose number is not higher."""
        line = self._waiting[call.pool]
        line.insert(sum(other.priority <= call.priority for other, _ in line), (call, future))

    def take_out(self, fingerprint: str) -> Future[Reply] | None:
        """Take a call out of its line; gives its future, or None if it does not wait."""
        for line in self._waiting.values():
            for entry in line:
                if entry[0].fingerprint == fingerprint:
                    line.remove(entry)
                    return entry[1]
        return None

    def next(self) -> Entry | None:
        """The next call that may be served, out of its line and counted as served; None if all have to wait."""
        entry = self._next()
        if entry is not None:
            call = entry[0]
            self._waiting[call.pool].remove(entry)
            self._served[call.pool][call.fingerprint] = bool(call.origin)
        return entry

    def _next(self) -> Entry | None:
        if self._served.get("quiet"):
            return None
        for pool, line in self._waiting.items():
            served = self._served[pool]
            if pool != "quiet" and line and len(served) < self.slots[pool]:
                # What was brought never takes the last place: nobody's upload makes all others wait.
                full = sum(served.values()) >= max(1, self.slots[pool] - 1)
                found = next((entry for entry in line if not (full and entry[0].origin)), None)
                if found is not None:
                    return found
        if self._waiting.get("quiet") and not any(self._served.values()) and not self.waiting():
            return self._waiting["quiet"][0]
        return None

    def done(self, call: Call) -> None:
        """A call is no longer served."""
        self._served[call.pool].pop(call.fingerprint, None)

    def served(self, pool: Pool | None = None) -> list[str]:
        """Fingerprints of what is served, on one pool or on all."""
        pools = self._served if pool is None else [pool]
        return [fingerprint for each in pools for fingerprint in self._served[each]]

    def place(self, fingerprint: str) -> tuple[Pool, int] | None:
        """Where a call waits: its pool, and how many wait before it."""
        for pool, line in self._waiting.items():
            for place, (call, _) in enumerate(line):
                if call.fingerprint == fingerprint:
                    return pool, place
        return None

    def waiting(self) -> int:
        """How many calls wait, quiet ones left out."""
        return sum(len(line) for pool, line in self._waiting.items() if pool != "quiet")
