"""The lines before the workers: who waits, who is being served, and who is next. Not locked: its owner is."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future

from tinyml_core.call import Call, Lane, Reply

Entry = tuple[Call, Future[Reply]]


class Lanes:
    """A line a lane. The quiet one is served alone: only when nobody else is served or waits, and others wait meanwhile."""

    def __init__(self, slots: Mapping[Lane, int]) -> None:
        """Nobody waits.

        Args:
            slots: How many calls of a lane may be served at once.
        """
        self.slots = slots
        self._waiting: dict[Lane, deque[Entry]] = {lane: deque() for lane in slots}
        self._served: dict[Lane, dict[str, bool]] = {lane: {} for lane in slots}
        """Fingerprints, and whether the call is about something brought."""

    def add(self, call: Call, future: Future[Reply]) -> None:
        """Queue a call behind those of its lane that have no more patience."""
        line = self._waiting[call.lane]
        line.insert(sum(other.patience <= call.patience for other, _ in line), (call, future))

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
            self._waiting[call.lane].remove(entry)
            self._served[call.lane][call.fingerprint] = bool(call.origin)
        return entry

    def _next(self) -> Entry | None:
        if self._served.get("quiet"):
            return None
        for lane, line in self._waiting.items():
            served = self._served[lane]
            if lane != "quiet" and line and len(served) < self.slots[lane]:
                # What was brought never takes the last place: nobody's upload makes all others wait.
                full = sum(served.values()) >= max(1, self.slots[lane] - 1)
                found = next((entry for entry in line if not (full and entry[0].origin)), None)
                if found is not None:
                    return found
        if self._waiting.get("quiet") and not any(self._served.values()) and not self.waiting():
            return self._waiting["quiet"][0]
        return None

    def done(self, call: Call) -> None:
        """A call is no longer served."""
        self._served[call.lane].pop(call.fingerprint, None)

    def served(self, lane: Lane | None = None) -> list[str]:
        """Fingerprints of what is served, on one lane or on all."""
        lanes = self._served if lane is None else [lane]
        return [fingerprint for each in lanes for fingerprint in self._served[each]]

    def place(self, fingerprint: str) -> tuple[Lane, int] | None:
        """Where a call waits: its lane, and how many wait before it."""
        for lane, line in self._waiting.items():
            for place, (call, _) in enumerate(line):
                if call.fingerprint == fingerprint:
                    return lane, place
        return None

    def waiting(self) -> int:
        """How many calls wait, quiet ones left out."""
        return sum(len(line) for lane, line in self._waiting.items() if lane != "quiet")
