"""Is a variant worth it: flash saved, for how much of the score, with chance respected."""

from __future__ import annotations

from dataclasses import dataclass

from tinyml_core.domain.metrics import POINT, amount, change_words, format_bytes, gain, is_error
from tinyml_core.domain.outcome import Agreement

SAME_SIZE = 0.005
"""Share of float32's flash below which a change of size is not worth a word."""


@dataclass(frozen=True, slots=True)
class Tradeoff:
    """What a variant saves against float32 and what it costs.

    Attributes:
        saved_bytes: Flash of float32 minus flash of the variant, both without runtime; negative if the variant is larger.
        lost: How much worse the score is, in the score's own unit (0.021 of an accuracy is 2.1 points); negative if it is
            better; None where there is no score to compare.
        within_noise: True if the paired test cannot tell the two scores apart, also where they are equal.
        per_point_bytes: Bytes saved for each point lost; None unless something is saved and something lost beyond chance.
        text: The same in a few words.
    """

    saved_bytes: int
    lost: float | None
    within_noise: bool
    per_point_bytes: float | None
    text: str


def tradeoff(
    flash_bytes: int, reference_bytes: int, agreement: Agreement | None, metric: str, useless: str = ""
) -> Tradeoff:
    """Weigh a variant against float32, by the flash of both; a packed one counts as it lies in flash, never compressed.

    Its answers are paired against float32's; None without scores. `metric` is a name in `METRICS`, `useless` why the
    variant saves nothing on a microcontroller, such as `TFLM refuses it`; empty if nothing speaks against it.
    """
    saved = reference_bytes - flash_bytes
    # A higher error is as bad as a lower accuracy; adding zero turns minus zero into zero.
    lost = None if agreement is None else -gain(metric, agreement.difference) + 0.0
    change = "" if agreement is None else change_words(agreement.difference, metric)
    within_noise = agreement is not None and not agreement.beyond_chance
    same_size = abs(saved) <= SAME_SIZE * reference_bytes
    paid = saved > 0 and not same_size and not within_noise and lost is not None and lost > 0 and not useless
    per_point = POINT * saved / lost if paid and lost is not None else None
    size = "nothing saved" if same_size else f"{_bytes(saved)} saved" if saved > 0 else f"{_bytes(-saved)} larger"
    if useless:
        text = f"{size}, {'but' if saved > 0 and not same_size else 'and'} {useless}"
    elif lost is None:
        text = f"{size}, score not compared"
    elif per_point is not None:
        unit = "a point" if metric == "accuracy" else "per 0.01"
        price = amount(lost, metric) + (" more error" if is_error(metric) else "")
        # A rate of more than float32 takes would say nothing that anybody could save.
        rate = f": {_bytes(round(per_point))} {unit}" if per_point <= reference_bytes else ""
        text = f"{_bytes(saved)} for {price}{rate}"
    elif within_noise and same_size:
        text = size
    elif within_noise:
        text = f"{size}, {f'{change} within noise' if lost else 'nothing lost'}"
    elif lost > 0:
        text = f"{'nothing saved' if same_size else 'larger'} and worse ({change})"
    else:
        text = f"{size} and better ({change})"
    return Tradeoff(saved, lost, within_noise, per_point, text)


def _bytes(size_bytes: int) -> str:
    """A size without a digit that nobody needs: `79 KB`, `9.1 KB`, `1.2 MB`."""
    return f"{size_bytes / 1024:.0f} KB" if 10 * 1024 <= size_bytes < 1024 * 1024 else format_bytes(size_bytes)
