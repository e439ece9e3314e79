"""Mixed precision (int8 and float32): int8 with the worst layers kept in float32."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="lq_mixed",
    title="Mixed precision (int8 and float32)",
    order=64,
    idea="Full integer, except for the layers that suffer most from it: each layer is quantized alone once, "
    "and the worst ones (see Settings) stay in float32.",
    needs=Needs.CALIBRATION,
    promised="less than 4x smaller, accuracy kept",
    hardware=("CPU", "microcontroller"),
    number_format="lq_mixed",
    group="After training",
    link="https://github.com/google-ai-edge/LiteRT/tree/main/litert_quantizer",
)
