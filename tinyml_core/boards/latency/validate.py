"""Fit anew, test the fit on what it has not seen, and write down both: `python -m tinyml_core.boards.latency.validate`.

Writes `models.csv` and `coefficients.csv` beside this file, `docs/estimator.md` and `docs/estimator.svg`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tinyml_core.boards.latency.fitted_rows import evidence_of, table_rows
from tinyml_core.boards.latency.fitting import Beliefs
from tinyml_core.boards.latency.plot import Series, scatter_svg
from tinyml_core.boards.latency.published import FOLDER, Rows, model_table, published
from tinyml_core.boards.latency.report import report
from tinyml_core.boards.latency.scoring import by_cost, left_out
from tinyml_core.boards.latency.table import COLUMNS, write_rows

DOCS = Path(__file__).parents[3] / "docs"


def main() -> None:
    """Recompute and write everything."""
    models = list(model_table())
    write_rows(FOLDER / "models.csv", models[0], models)
    rows = published()
    errors = left_out(rows, rows.model, by_cost(Beliefs()))
    write_rows(FOLDER / "coefficients.csv", COLUMNS, table_rows(rows, errors))
    band = evidence_of(rows, errors, "HALE")
    (DOCS / "estimator.svg").write_text(scatter_svg(_series(rows, errors), (band.low, band.high)), encoding="utf-8")
    (DOCS / "estimator.md").write_text(report(rows, errors), encoding="utf-8")


def _series(rows: Rows, errors: np.ndarray) -> list[Series]:
    known = ~np.isnan(errors)
    kinds = {"CMSIS-NN": "CMSIS-NN", "X-CUBE-AI": "X-CUBE-AI", "Plumerai": "Plumerai"}
    kind = [next((title for start, title in kinds.items() if name.startswith(start)), "others") for name in rows.family]
    series = []
    for title in (*kinds.values(), "others"):
        chosen = known & (np.array(kind) == title)
        pairs = zip(rows.ms[chosen].tolist(), (rows.ms * (1 + errors))[chosen].tolist(), strict=True)
        series.append(Series(title, tuple(pairs)))
    return series


if __name__ == "__main__":
    main()
