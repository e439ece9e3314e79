"""The arena on a 32-bit board is counted from sizes of structures: these tests notice when TFLM changes them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tinyml_core.measure import inspect_file, tflite
from tinyml_core.measure.tflm import available

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Lab

ON_TFLM = pytest.mark.skipif(not available(), reason="TFLM has no package for this kind of machine")
RECORD = """
import json, re, sys
from pathlib import Path
from tinyml_core.measure import tflm as micro
ready, _ = micro.load(Path(sys.argv[1]).read_bytes(), 1 << 20)
ready.invoke()
with micro.captured_stderr() as lines:
    ready.print_allocations()
found = re.findall(r"'(.+)' used (\\d+) bytes .*\\(requested (\\d+) bytes for (\\d+) ", "\\n".join(lines))
print(json.dumps({name: [int(used), int(asked), int(count)] for name, used, asked, count in found}))
"""


def record(content: bytes, folder: Path) -> dict[str, tuple[int, int, int]]:
    """Bytes used, bytes asked for and number of allocations of each kind, from TFLM's own allocation record."""
    (folder / "model.tflite").write_bytes(content)
    told = subprocess.run(
        [sys.executable, "-c", RECORD, str(folder / "model.tflite")], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return {name: (used, asked, count) for name, (used, asked, count) in found.items()}


@ON_TFLM
@pytest.mark.parametrize("technique", ["float32", "int8"])
def test_structures_have_the_sizes_that_the_rule_rests_on(technique: str, lab: Lab, tmp_path: Path) -> None:
    """If this fails after an update of tflite-micro, the rule of `measure/inspect_file.py` has to be fitted anew."""
    content = lab.tflite("digits", technique)
    graph = tflite.parse(content).subgraphs[0]
    told = record(content, tmp_path)
    assert told["TfLiteEvalTensor data"][:2] == (24 * len(graph.tensors),) * 2
    assert told["NodeAndRegistration struct"][:2] == (64 * len(graph.operators),) * 2
    assert told["Persistent TfLiteTensor data"][:2] == (64 * 2,) * 2  # one input, one output
    quantized = 0 if technique == "float32" else 4  # scale and zero point of both
    assert told.get("Persistent TfLiteTensor quantization data", (0, 0, 0))[1] == 16 * quantized


@ON_TFLM
def test_kernels_hold_what_the_rule_rests_on(lab: Lab, tmp_path: Path) -> None:
    """Two convolutions, two fully connected: 72 and 64 bytes each on 64 bits, and 4 bytes a channel, twice, if int8."""
    told = record(lab.tflite("digits", "float32"), tmp_path)
    assert told["Persistent buffer data"][1] == 736
    assert record(lab.tflite("digits", "int8"), tmp_path)["Persistent buffer data"][1] == 1136


@ON_TFLM
def test_the_saving_of_digits_worked_out_by_hand(lab: Lab) -> None:
    """16 tensors, 6 operators, 2 convolutions, 2 fully connected, one graph, input and output both quantized.

    12 x 16 + 32 x 6 + 16 x 4 + 8 x 1 + 32 x 2 + 12 x 2 + 11 x 2 = 566; alignment 32 x 2 = 64; interpreter 348.
    """
    content = lab.tflite("digits", "int8")
    assert inspect_file.saving_bytes(tflite.parse(content)) == 566 + 64 + 348
    told = lab.measured("digits", "int8").micro
    assert told.arena_bytes is not None
    assert told.arena_32bit_bytes == told.arena_bytes - 978
