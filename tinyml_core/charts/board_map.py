"""What fits where: variants against boards."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.charts import base
from tinyml_core.charts.base import Chart
from tinyml_core.domain.metrics import METRICS

_CELL_PX, _FLAT_CELL_PX = 52, 26

# A cell narrower than this shows symbol and words in lines; one narrower than a word shows the symbol alone.
_ONE_LINE_PX, _WORD_PX = 96, 44
_CHARACTERS = 10

# More columns than this have their names turned, or they would overlap on a phone.
_MOST_UPRIGHT = 5

# More boards than this become rows: a page is long, a phone is narrow.
_MOST_COLUMNS = 8


def draw(fits: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A cell a variant and board: symbol and words, on a colour that means the verdict. A clicked cell is `cell`.

    Many boards are rows and variants columns, few boards the other way round.
    """
    rows = _with_words(fits)
    boards = [str(title) for title in rows.sort_values("board_order", kind="stable")["board_title"].drop_duplicates()]
    titles = base.titles_of(rows)
    # narrow cells show symbols only, so their meaning stands above; no-break spaces keep symbol and words together
    key = ", ".join(dict.fromkeys(line.replace(" ", "\u00a0") for line in rows["one_line"]))
    many = len(boards) > _MOST_COLUMNS
    if many:
        x, y = _columns("title:N", titles, key), base.named_rows("board_title:N", boards, padding=(0.06, 0))
    else:
        x, y = _columns("board_title:N", boards, key), base.technique_rows(titles, padding=0.07)
    verdicts = alt.Scale(domain=list(base.VERDICT_COLORS), range=list(base.VERDICT_COLORS.values()))
    color = alt.Color("verdict:N", scale=verdicts, legend=None)
    tooltip = base.tooltips(
        title="Technique", board_title="Board", one_line="Verdict", flash_text=METRICS["flash_needed_bytes"].title,
        ram_text=METRICS["ram_needed_bytes"].title, latency_text="Latency there", reason="Why",
    )  # fmt: skip
    lines = "datum.symbol" if many else "split(datum.lines, '\\n')"
    text = alt.expr(
        f"bandwidth('x') >= {_ONE_LINE_PX} ? datum.one_line : bandwidth('x') >= {_WORD_PX} ? {lines} : datum.symbol"
    )
    lifted = alt.expr(f"bandwidth('x') < {_ONE_LINE_PX} && bandwidth('x') >= {_WORD_PX} ? datum.lift_px : 0")
    words = base.labels(rows, lineHeight=14, baseline="middle", dy=0 if many else lifted, color=base.TEXT_ON_VERDICT)
    cell = alt.selection_point(name="cell", fields=["technique", "board"], toggle=False)
    return base.layered(
        alt.Chart(rows)
        .mark_rect(cornerRadius=3, cursor="pointer")
        .encode(x=x, y=y, color=color, tooltip=tooltip)
        .add_params(cell),
        words.encode(x=x, y=y, text=alt.value(text), tooltip=tooltip),
        height=_FLAT_CELL_PX * len(boards) if many else max(80, _CELL_PX * len(titles)),
    )


def _with_words(fits: pd.DataFrame) -> pd.DataFrame:
    rows = fits.sort_values(["order", "board_order"], kind="stable").reset_index(drop=True)
    verdicts = [verdict if verdict in base.VERDICT_COLORS else "unknown" for verdict in rows["verdict"]]
    symbols = [str(symbol) if isinstance(symbol, str) and symbol else "?" for symbol in rows["symbol"]]
    return rows.assign(
        verdict=verdicts, symbol=symbols,
        one_line=[f"{symbol} {verdict}" for symbol, verdict in zip(symbols, verdicts, strict=True)],
        lines=["\n".join([symbol, *verdict.split()]) for symbol, verdict in zip(symbols, verdicts, strict=True)],
        lift_px=[-7 * len(verdict.split()) for verdict in verdicts], flash_text=_needed_of_available(rows, "flash"),
        ram_text=_needed_of_available(rows, "ram"),
        latency_text=[text if isinstance(text, str) and text else "-" for text in rows["latency_text"]],
        reason=[reason if isinstance(reason, str) and reason else "-" for reason in rows["reason"]],
    )  # fmt: skip


def _columns(field: str, names: list[str], key: str) -> alt.X:
    upright = len(names) <= _MOST_UPRIGHT
    return alt.X(
        field,
        title=None if upright else base.wrapped(key, 32).split("\n"),
        scale=base.names_scale(names, paddingInner=0.05, paddingOuter=0),
        axis=alt.Axis(
            orient="top",
            labelExpr=base.wrapped_labels(names, _CHARACTERS, equally_tall=True) if upright else alt.Undefined,
            labelAngle=0 if upright else -90,
            labelAlign="center" if upright else "left",
            labelFlush=False,
            labelLimit=170,
            labelOverlap=False,
            labelPadding=8 + ((base.most_lines(names, _CHARACTERS) - 1) * base.LABEL_LINE_PX if upright else 0),
        ),
    )


def _needed_of_available(fits: pd.DataFrame, memory: str) -> list[str]:
    pairs = zip(fits[f"{memory}_needed_bytes"], fits[f"{memory}_available_bytes"], strict=True)
    return [f"{base.bytes_text(needed)} of {base.bytes_text(available)}" for needed, available in pairs]


def alt_text(fits: pd.DataFrame) -> str:
    """For each variant, which boards have which verdict."""
    rows = fits.sort_values(["order", "board_order"], kind="stable")
    sentences = []
    for title in base.titles_of(rows):
        of_title = rows[rows["title"].eq(title)]
        known = of_title["verdict"].where(of_title["verdict"].isin(list(base.VERDICT_COLORS)), "unknown")
        boards = {verdict: of_title[known.eq(verdict)]["board_title"] for verdict in base.VERDICT_COLORS}
        parts = [f"{verdict} on {', '.join(map(str, names))}" for verdict, names in boards.items() if len(names)]
        sentences.append(f"{title}: {'; '.join(parts)}.")
    return base.sentence_per_row(sentences, "No variant and board to draw.")


CHART = Chart(
    name="board_map", order=4, title="What fits where",
    question="Which variant fits which board, and what stands in the way?",
    columns=(
        "technique", "title", "order", "board", "board_title", "board_order", "verdict", "symbol", "flash_needed_bytes",
        "flash_available_bytes", "ram_needed_bytes", "ram_available_bytes", "latency_text", "reason",
    ),
    draw=draw, alt=alt_text, frame="fits",
)  # fmt: skip
