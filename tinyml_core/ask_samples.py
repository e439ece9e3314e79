"""From a data set's name to a few of its samples: what is known already costs nothing, and no data is loaded for it."""

from __future__ import annotations

from concurrent.futures import Future

import cattrs

from tinyml_core import catalog, plan
from tinyml_core.call import Answer, Reply
from tinyml_core.chain import done, then
from tinyml_core.desk import Desk
from tinyml_core.fetched import not_fetched
from tinyml_core.kept_file import brought_file
from tinyml_core.outcome import Failure
from tinyml_core.samples import Samples


def ask_samples(desk: Desk, name: str) -> Future[tuple[Samples, bytes] | Failure]:
    """Ask for samples of a data set and their PNG (empty if they are no pictures); returns at once."""
    dataset = catalog.dataset(name)
    absent = not_fetched(dataset)
    if absent is not None:
        return done(absent)
    known = desk.recall(plan.samples_call(name))
    if known is None:
        loaded = desk.ask(plan.dataset_call(name)) if dataset.brought is None else done(brought_file(dataset, "arrays"))
        known = then(loaded, lambda reply: _pick(desk, name, reply))
    return then(known, _read)


def _pick(desk: Desk, name: str, loaded: Reply) -> Future[Reply]:
    if isinstance(loaded, Failure):
        return done(loaded)
    return desk.ask(plan.samples_call(name, loaded.blobs["arrays"]))


def _read(reply: Reply) -> Future[tuple[Samples, bytes] | Failure]:
    if not isinstance(reply, Answer):
        return done(reply)
    png = reply.blobs["png"].read() if "png" in reply.blobs else b""
    return done((cattrs.structure(reply.body, Samples), png))
