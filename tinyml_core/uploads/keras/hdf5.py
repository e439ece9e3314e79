"""HDF5 files of unknown origin: looked through link by link, and what is plain is written anew into a file of our own."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinyml_core.engine.call import Expected
from tinyml_core.uploads.refusal import bare, damaged, refuse

MOST_BYTES = 64 * 1024**2
"""Of all numbers that are taken over."""

MOST_CHUNK_BYTES = 64 * 1024**2
MOST_OBJECTS = 20_000
MOST_ATTRIBUTES = 200
MOST_ATTRIBUTE_VALUES = 4_096

MOST_ATTRIBUTE_BYTES = 1024**2
"""Of text that is in the attribute itself; text of variable length is in the file's heap, so no longer than the file."""

PLAIN_FILTERS = frozenset({1, 2, 3})
"""deflate, shuffle, fletcher32: built into HDF5. Others are looked for in folders of plug-ins."""

_SAVE_AGAIN = "Load the model where it was made and save it again with model.save()."


@dataclass(frozen=True, slots=True)
class PlainHdf5:
    """What was taken over from an HDF5 file.

    Attributes:
        texts: The attributes of its root that are one text.
        image: A new HDF5 file with its groups, arrays of numbers and attributes, without the texts of the root.
        values: How many numbers the arrays hold.
    """

    texts: Mapping[str, str]
    image: bytes
    values: int


def read_hdf5(content: bytes, left_out: frozenset[str] = frozenset()) -> PlainHdf5:
    """Take over what is plain in an HDF5 file; nothing outside of its bytes is touched.

    Args:
        content: The file.
        left_out: Groups of the root that are looked through but not taken over: the state of an optimizer.

    Raises:
        Expected: It is damaged, too large, or points anywhere: external and soft links, external storage, virtual data.
    """
    if not heaps_are_whole(content):
        damaged("The HDF5 file")
    try:
        return _Reader(left_out).read(content)
    except Expected:
        raise
    except Exception as error:  # the library raises nearly any kind on damaged bytes
        damaged("The HDF5 file", error)


def with_text(image: bytes, name: str, text: str) -> bytes:
    """The same file with one text more as an attribute of its root."""
    import h5py  # type: ignore[import-untyped]

    with h5py.File.in_memory(image) as file:
        file.attrs[name] = text
        file.flush()
        changed: bytes = file.id.get_file_image()
    return changed


@dataclass(slots=True)
class _Reader:
    left_out: frozenset[str]
    seen: set[int] = field(default_factory=set)
    taken_bytes: int = 0
    values: int = 0

    def read(self, content: bytes) -> PlainHdf5:
        import h5py

        with h5py.File.in_memory(content) as source, h5py.File.in_memory() as target:
            self._once(source.id)
            texts = {name: value for name, value in self._attributes(source) if isinstance(value, str)}
            for name, value in self._attributes(source):
                if not isinstance(value, str):
                    target.attrs[name] = value
            waiting = self._group(source, target, self.left_out)
            while waiting:
                waiting.extend(self._group(*waiting.pop(), left_out=frozenset()))
            target.flush()
            return PlainHdf5(texts, target.id.get_file_image(), self.values)

    def _group(self, source: Any, target: Any | None, left_out: frozenset[str]) -> list[tuple[Any, Any]]:
        """Take over a group, or only look through it if there is no target; gives the groups in it."""
        import h5py

        inner = []
        for raw_name in source.id:
            name = raw_name.decode("utf-8")
            kind = source.id.links.get_info(raw_name).type
            if kind != h5py.h5l.TYPE_HARD:
                what = {h5py.h5l.TYPE_SOFT: "a soft link", h5py.h5l.TYPE_EXTERNAL: "a link to another file"}
                refuse(f"The HDF5 file has {what.get(kind, 'a link of an unknown kind')}: '{bare(name)}'.", _SAVE_AGAIN)
            found = h5py.h5o.open(source.id, raw_name)
            self._once(found)
            taken = None if name in left_out else target
            if isinstance(found, h5py.h5g.GroupID):
                group = h5py.Group(found)
                made = taken.create_group(name) if taken is not None else None
                self._copy_attributes(group, made)
                inner.append((group, made))
            elif isinstance(found, h5py.h5d.DatasetID):
                self._check_dataset(found, name)
                if taken is not None:
                    dataset = h5py.Dataset(found)
                    made = taken.create_dataset(name, data=self._numbers(dataset))
                    self._copy_attributes(dataset, made)
            else:
                refuse(f"The HDF5 file holds something else than groups and numbers: '{bare(name)}'.", _SAVE_AGAIN)
        return inner

    def _once(self, found: Any) -> None:
        """Count an object and refuse it at its second link: no writer of Keras files makes one, and they can form circles."""
        import h5py

        address = h5py.h5o.get_info(found).addr
        if address in self.seen:
            refuse("The HDF5 file links one of its objects twice.", _SAVE_AGAIN)
        self.seen.add(address)
        if len(self.seen) > MOST_OBJECTS:
            refuse(f"The HDF5 file has more than {MOST_OBJECTS:,} objects.", "Bring a smaller model.")

    def _check_dataset(self, dataset: Any, name: str) -> None:
        import h5py

        made = dataset.get_create_plist()
        if made.get_external_count():
            refuse(f"The numbers of '{bare(name)}' are said to lie in another file.", _SAVE_AGAIN)
        if made.get_layout() == h5py.h5d.VIRTUAL:
            refuse(f"The numbers of '{bare(name)}' are put together from other files.", _SAVE_AGAIN)
        filters = {made.get_filter(index)[0] for index in range(made.get_nfilters())}
        if not filters <= PLAIN_FILTERS:
            refuse(f"The numbers of '{bare(name)}' are packed in a way that Keras does not use.", _SAVE_AGAIN)
        if dataset.get_type().get_class() not in (h5py.h5t.INTEGER, h5py.h5t.FLOAT, h5py.h5t.ENUM):
            refuse(f"'{bare(name)}' holds something else than numbers.", _SAVE_AGAIN)
        size = dataset.get_type().get_size()
        if made.get_layout() == h5py.h5d.CHUNKED and math.prod(made.get_chunk()) * size > MOST_CHUNK_BYTES:
            refuse(f"The numbers of '{bare(name)}' are stored in too large pieces.", _SAVE_AGAIN)

    def _numbers(self, dataset: Any) -> np.ndarray:
        dtype, count = dataset.dtype, math.prod(dataset.shape)
        if dtype.kind not in "fiub" or dtype.itemsize > 8:
            refuse(f"'{bare(dataset.name)}' holds numbers of an unusual type ({dtype}).", "Save the model in float32.")
        self.values += count
        self.taken_bytes += count * dtype.itemsize
        if self.taken_bytes > MOST_BYTES:
            refuse(f"The file holds more than {MOST_BYTES // 1024**2} MB of weights.", "Bring a smaller model.")
        numbers: np.ndarray = dataset[()]
        return numbers

    def _copy_attributes(self, source: Any, target: Any | None) -> None:
        for name, value in self._attributes(source):
            if target is not None:
                target.attrs[name] = value

    def _attributes(self, source: Any) -> list[tuple[str, Any]]:
        """The attributes that are numbers or text, each checked before it is read."""
        import h5py

        if (attributes := h5py.h5a.get_num_attrs(source.id)) > MOST_ATTRIBUTES:
            refuse(f"'{bare(source.name)}' has {attributes:,} attributes.", _SAVE_AGAIN)
        found = []
        for index in range(attributes):
            attribute = h5py.h5a.open(source.id, index=index)
            kind, count = attribute.get_type().get_class(), math.prod(attribute.shape)
            large = count > MOST_ATTRIBUTE_VALUES or count * attribute.get_type().get_size() > MOST_ATTRIBUTE_BYTES
            plain = kind in (h5py.h5t.INTEGER, h5py.h5t.FLOAT, h5py.h5t.ENUM, h5py.h5t.STRING)
            name = attribute.name.decode("utf-8")
            if large or not plain:
                what = "too large" if large else "neither numbers nor text"
                refuse(f"The attribute '{bare(name)}' of the HDF5 file is {what}.", _SAVE_AGAIN)
            found.append((name, _text(source.attrs[name])))
        return found


def _text(value: Any) -> Any:
    """Bytes that are one text as text; all else as it is."""
    return value.decode("utf-8") if isinstance(value, bytes) else value


# ---- The heaps of an HDF5 file in which its texts lie, walked by hand: the library walks damaged ones for ever -----


HEAD = re.compile(rb"GCOL\x01\x00\x00\x00")
"""Mark, version and reserved bytes of a global heap; HDF5 File Format Specification, III.E."""

HEAD_BYTES = 16
OBJECT_HEAD_BYTES = 16
SMALLEST_BYTES = 4096


def heaps_are_whole(content: bytes) -> bool:
    """True if every step from object to object goes forward and stays inside of its heap.

    For files with lengths of 8 bytes, as all writers of Keras files make them.
    """
    return all(_is_whole(content, found.start()) for found in HEAD.finditer(content))


def _is_whole(content: bytes, start: int) -> bool:
    size = int.from_bytes(content[start + 8 : start + HEAD_BYTES], "little")
    end = start + size
    if size < SMALLEST_BYTES or end > len(content):
        return False
    at = start + HEAD_BYTES
    while at + OBJECT_HEAD_BYTES <= end:
        index = int.from_bytes(content[at : at + 2], "little")
        held = int.from_bytes(content[at + 8 : at + OBJECT_HEAD_BYTES], "little")
        # Index 0 is the free space at the end, whose size counts its own head.
        step = held if index == 0 else OBJECT_HEAD_BYTES + -(-held // 8) * 8
        if step < OBJECT_HEAD_BYTES or at + step > end:
            return False
        at += step
    return True
