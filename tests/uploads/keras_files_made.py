"""Keras files written by hand, without Keras: what nobody's model.save() would write can be in them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import h5py
import numpy as np

Config = dict[str, Any]
Change = Callable[[Any], None]


def layer(class_name: str, name: str = "it", /, module: str | None = "keras.layers", **settings: Any) -> Config:
    """One layer as Keras 3 writes it; without a module as HDF5 files have it."""
    plain = {"class_name": class_name, "config": {"name": name, **settings}}
    return plain if module is None else {"module": module, **plain, "registered_name": None}


def sequential(*layers: Any, **more: Any) -> Config:
    """A sequential model for four numbers."""
    first = layer("InputLayer", "input", batch_shape=[None, 4], dtype="float32")
    inner = {"name": "sequential", "layers": [first, *layers]}
    return {"module": "keras", "class_name": "Sequential", "config": inner, "registered_name": None, **more}


def dense(units: int = 2, **settings: Any) -> Config:
    """A layer that every reader takes."""
    return layer("Dense", "dense", units=units, **settings)


def weights_file(change: Change = lambda file: None) -> bytes:
    """The weights of `sequential(dense())`, as a `.keras` holds them."""
    with h5py.File.in_memory() as file:
        file["layers/dense/vars/0"] = np.arange(8, dtype="float32").reshape(4, 2)
        file["layers/dense/vars/1"] = np.zeros(2, "float32")
        change(file)
        file.flush()
        return bytes(file.id.get_file_image())


def keras_file(
    config: Any,
    weights: bytes | None = None,
    more: Mapping[str, bytes] | None = None,
    packing: int = zipfile.ZIP_STORED,
) -> bytes:
    """A `.keras` archive; the configuration may be text that is no JSON."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", packing) as archive:
        archive.writestr("metadata.json", '{"keras_version": "3.15.1"}')
        archive.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
        archive.writestr("model.weights.h5", weights_file() if weights is None else weights)
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    return content.getvalue()


def hdf5_file(config: Any, change: Change = lambda file: None, version: str = "2.15.0") -> bytes:
    """An HDF5 file with a model and the weights of `dense()`."""
    with h5py.File.in_memory() as file:
        file.attrs["keras_version"] = version
        file.attrs["model_config"] = config if isinstance(config, str) else json.dumps(config)
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = np.array([b"dense"])
        held = group.create_group("dense")
        held.attrs["weight_names"] = np.array([b"dense/kernel:0", b"dense/bias:0"])
        held["dense/kernel:0"] = np.arange(8, dtype="float32").reshape(4, 2)
        held["dense/bias:0"] = np.zeros(2, "float32")
        change(file)
        file.flush()
        return bytes(file.id.get_file_image())
