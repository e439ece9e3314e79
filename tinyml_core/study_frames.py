"""Studies of a model's weights as tidy frames: what their charts are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from tinyml_core.compress.mixed_precision import LayerDamage
from tinyml_core.compress.techniques import number_formats
from tinyml_core.few_bits import FewBits
from tinyml_core.outcome import Score

BITS_COLUMNS = ("label", "series", "bits", "metric", "score", "score_low", "score_high")
LAYER_COLUMNS = ("label", "operator", "damage_percent", "rank")
MEASURED = "measured"

LAID_OVER = ("float16", "int16x8", "int8", "lq_int8", "lq_w8", "lq_w4", "lq_w2")
"""Number formats whose variants are laid over the simulation, at the bits of their weights."""


def bits(found: FewBits, measured: Iterable[tuple[str, str, Score]] = ()) -> pd.DataFrame:
    """One row a simulated point, and one a variant that was executed.

    Args:
        found: The simulation.
        measured: Number format, title and score of variants; formats that are not in `LAID_OVER` are left out.
    """
    rows = [
        {
            "label": f"{point.bits} {'bit' if point.bits == 1 else 'bits'}, {point.granularity}",
            "series": point.granularity,
            "bits": point.bits,
            "metric": found.metric,
            "score": point.score,
            "score_low": point.low,
            "score_high": point.high,
        }
        for point in found.points
    ]
    rows += [
        {
            "label": title,
            "series": MEASURED,
            "bits": number_formats()[number_format].bits,
            "metric": score.metric,
            "score": score.value,
            "score_low": score.low,
            "score_high": score.high,
        }
        for number_format, title, score in measured
        if number_format in LAID_OVER
    ]
    return pd.DataFrame(rows, columns=list(BITS_COLUMNS))


def layers(ranking: Sequence[LayerDamage]) -> pd.DataFrame:
    """One row a layer, the one that suffers most first."""
    rows = [
        {
            "label": f"{layer.rank}. {layer.layer}",
            "operator": layer.operator,
            "damage_percent": layer.damage,
            "rank": layer.rank,
        }
        for layer in ranking
    ]
    return pd.DataFrame(rows, columns=list(LAYER_COLUMNS))
