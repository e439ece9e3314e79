"""What fits where: variants against boards."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tinyml_core.charting import (
    LABEL_LINE_PX,
    TEXT_ON_VERDICT,
    VERDICT_COLORS,
    Chart,
    bytes_text,
    layered,
    most_lines,
    sentence_per_row,
    technique_rows,
    titles_of,
    wrapped,
    wrapped_labels,
)
from tinyml_core.metrics import METRICS

_CELL_PX = 52
# A cell narrower than this shows symbol and words in lines; one narrower than a word shows the symbol alone.
_ONE_LINE_PX, _WORD_PX = 96, 44
_BOARD_CHARACTERS = 10
# More boards than this have their names turned, or they would overlap on a phone.
_MOST_UPRIGHT = 5


def draw(fits: pd.DataFrame, domain: list[str]) -> alt.LayerChart:
    """A cell a variant and board: symbol and words, on a colour that means the verdict.

    `domain` is taken as all charts take it, and not used: colour means the verdict here, and titles name the rows.
    """
    rows = fits.sort_values(["order", "board_order"], kind="stable").reset_index(drop=True)
    verdicts = [verdict if verdict in VERDICT_COLORS else "unknown" for verdict in rows["verdict"]]
    symbols = [str(symbol) if isinstance(symbol, str) and symbol else "?" for symbol in rows["symbol"]]
    rows = rows.assign(
        verdict=verdicts,
        symbol=symbols,
        one_line=[f"{symbol} {verdict}" for symbol, verdict in zip(symbols, verdicts, strict=True)],
        lines=["\n".join([symbol, *verdict.split()]) for symbol, verdict in zip(symbols, verdicts, strict=True)],
        lift_px=[-7 * len(verdict.split()) for verdict in verdicts],
        flash_text=_needed_of_available(rows, "flash"),
        ram_text=_needed_of_available(rows, "ram"),
        reason=[reason if isinstance(reason, str) and reason else "-" for reason in rows["reason"]],
    )
    boards = [str(title) for title in rows.sort_values("board_order", kind="stable")["board_title"].drop_duplicates()]
    titles = titles_of(rows)
    # narrow cells show symbols only, so their meaning stands above; no-break spaces keep symbol and words together
    key = ", ".join(dict.fromkeys(line.replace(" ", "\u00a0") for line in rows["one_line"]))
    upright = len(boards) <= _MOST_UPRIGHT
    x = alt.X(
        "board_title:N",
        title=None if upright else wrapped(key, 32).split("\n"),
        scale=alt.Scale(domain=boards, paddingInner=0.05, paddingOuter=0) if boards else alt.Undefined,
        axis=alt.Axis(
            orient="top",
            labelExpr=wrapped_labels(boards, _BOARD_CHARACTERS, equally_tall=True) if upright else alt.Undefined,
            labelAngle=0 if upright else -90,
            labelAlign="center" if upright else "left",
            labelFlush=False,
            labelLimit=170,
            labelOverlap=False,
            labelPadding=8 + ((most_lines(boards, _BOARD_CHARACTERS) - 1) * LABEL_LINE_PX if upright else 0),
        ),
    )
    y = technique_rows(titles, padding=0.07)
    color = alt.Color(
        "verdict:N",
        scale=alt.Scale(domain=list(VERDICT_COLORS), range=list(VERDICT_COLORS.values())),
        legend=None,
    )
    tooltip = [
        alt.Tooltip("title:N", title="Technique"),
        alt.Tooltip("board_title:N", title="Board"),
        alt.Tooltip("one_line:N", title="Verdict"),
        alt.Tooltip("flash_text:N", title=METRICS["flash_needed_bytes"].title),
        alt.Tooltip("ram_text:N", title=METRICS["ram_needed_bytes"].title),
        alt.Tooltip("reason:N", title="Why"),
    ]
    text = alt.expr(
        f"bandwidth('x') >= {_ONE_LINE_PX} ? datum.one_line : bandwidth('x') >= {_WORD_PX} "
        "? split(datum.lines, '\\n') : datum.symbol"
    )
    lifted = alt.expr(f"bandwidth('x') < {_ONE_LINE_PX} && bandwidth('x') >= {_WORD_PX} ? datum.lift_px : 0")
    base = alt.Chart(rows).encode(x=x, y=y)
    return layered(
        base.mark_rect(cornerRadius=3).encode(color=color, tooltip=tooltip),
        base.mark_text(fontSize=12, lineHeight=14, baseline="middle", dy=lifted, color=TEXT_ON_VERDICT).encode(
            text=alt.value(text), tooltip=tooltip
        ),
        height=max(80, _CELL_PX * len(titles)),
    )


def _needed_of_available(fits: pd.DataFrame, memory: str) -> list[str]:
    pairs = zip(fits[f"{memory}_needed_bytes"], fits[f"{memory}_available_bytes"], strict=True)
    return [f"{bytes_text(needed)} of {bytes_text(available)}" for needed, available in pairs]


def alt_text(fits: pd.DataFrame) -> str:
    """For each variant, which boards have which verdict."""
    rows = fits.sort_values(["order", "board_order"], kind="stable")
    sentences = []
    for title in titles_of(rows):
        of_title = rows[rows["title"].eq(title)]
        parts = []
        for verdict in VERDICT_COLORS:
            known = of_title["verdict"].where(of_title["verdict"].isin(list(VERDICT_COLORS)), "unknown")
            boards = [str(board) for board in of_title[known.eq(verdict)]["board_title"]]
            if boards:
                parts.append(f"{verdict} on {', '.join(boards)}")
        sentences.append(f"{title}: {'; '.join(parts)}.")
    return sentence_per_row(sentences, "No variant and board to draw.")


CHART = Chart(
    name="board_map",
    order=4,
    title="What fits where",
    question="Which variant fits which board, and what stands in the way?",
    columns=(
        "technique", "title", "order", "board", "board_title", "board_order", "verdict", "symbol", "flash_needed_bytes",
        "flash_available_bytes", "ram_needed_bytes", "ram_available_bytes", "reason",
    ),
    draw=draw,
    alt=alt_text,
    frame="fits",
)  # fmt: skip
