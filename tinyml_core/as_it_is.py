"""The technique that leaves a brought model as it is."""

from __future__ import annotations

from tinyml_core.values import Needs, Technique

AS_IT_IS = "as_it_is"

TECHNIQUE = Technique(
    name=AS_IT_IS,
    title="As it was brought",
    order=0,
    idea="The .tflite file unchanged. It holds integers or half floats already, so there is nothing left to quantize.",
    needs=Needs.NOTHING,
    promised="no promise is published",
    hardware=(),
    number_format=AS_IT_IS,
)
"""For a `.tflite` that is not in float32 throughout; no other model can be asked for it."""
