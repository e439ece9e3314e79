"""What stands below a comparison: each technique's promise beside what was measured, and the model's card."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap

import pandas as pd
import streamlit as st

from pages.shared import lab
from pages.shared.plain import plain
from pages.shared.widgets import folded
from tinyml_core import catalog
from tinyml_core.compare.comparison import Row
from tinyml_core.compare.question import Question
from tinyml_core.compare.sentences import data_words, factor_words
from tinyml_core.compress import presets, techniques
from tinyml_core.domain.metrics import format_score
from tinyml_core.domain.technique import Technique
from tinyml_core.pipeline.run import ComparisonRun
from tinyml_core.zoo.cards import NO_SCORE, RANDOM_WEIGHTS, SYNTHETIC, held_out_words, interval_words
from tinyml_core.zoo.weights import training_record


def below(question: Question) -> None:
    """Techniques and model card."""
    promises = "What each technique promises, and what was measured here"
    folded(promises, ":material/school:", "promises", lambda: _techniques(question))
    folded("Model card: data, split, licence, training", ":material/id_card:", "card", lambda: _model(question))


WHY_OTHERWISE = (
    "Promises speak of large models, whose files are nearly all weights. In a tiny model the parts of the file that do not shrink "
    "(structure, scales, names) weigh more, so the factor measured here is often smaller. Measured is the flash; a promise “when "
    "compressed” speaks of the download."
)


def _techniques(question: Question) -> None:
    st.caption(WHY_OTHERWISE)
    rows = {row.technique.name: row for row in ComparisonRun(lab.desk(), question).snapshot().rows}
    table = [
        {
            "Technique": technique.title,
            "Idea": technique.idea,
            "Needs": data_words(technique.needs),
            "Usually promised": technique.promised,
            "Measured here": _measured(rows.get(name)),
            "Meant for": ", ".join(technique.hardware),
            "On TFLM here": _on_tflm(rows.get(name)),
        }
        for name, technique in techniques.techniques().items()
    ]
    st.table(pd.DataFrame(table).set_index("Technique"))
    links = dict.fromkeys(technique.link for technique in techniques.techniques().values())
    st.caption(" ".join(f"[Source of the promises {number}]({link})" for number, link in enumerate(links, 1)))


def _measured(row: Row | None) -> str:
    if row is None or row.smaller_factor is None:
        return "not asked" if row is None else "not measured"
    score = format_score(row.score.metric, row.score.value) if row.score else "score not measured"
    return f"{factor_words(row.smaller_factor)}, {score}"


def _on_tflm(row: Row | None) -> str:
    return row.measured.micro.status if row and row.measured else "not asked" if row is None else "not measured"


def _model(question: Question) -> None:
    model, dataset = catalog.model(question.model), catalog.dataset_or_none(question.dataset)
    record = training_record(model)
    recipe = model.training
    facts = {"Model": f"{plain(model.title)}: {plain(model.architecture)}", "Parameters": f"{model.parameters:,}"}
    if dataset is None:
        facts |= {"Weights": RANDOM_WEIGHTS, "Data": SYNTHETIC, "Score": NO_SCORE}
    else:
        facts |= {
            "Data": f"{plain(dataset.title)}. {dataset.source}",
            "Split": dataset.split,
            "Held out": held_out_words(dataset),
            "What a score can tell": interval_words(dataset),
            "Licence of the data": dataset.licence,
        }
    if recipe is not None:
        facts["Training"] = (
            f"Adam, {recipe.epochs} epochs, batches of {recipe.batch_size}, learning rate {recipe.learning_rate:g}, "
            f"seed {recipe.seed}. Made by `tinyml train {model.name}`, which makes it again."
        )
    if record is not None:
        low, high = (format_score(record["metric"], record[limit]) for limit in ("low", "high"))
        facts["Float score"] = (
            f"{format_score(record['metric'], record['score'])} (95 % interval {low} to {high}) on {record['samples']:,} "
            f"held-out samples of {record['dataset']}, in Keras, before any conversion"
        )
    st.table(pd.DataFrame({"": list(facts), " ": list(facts.values())}).set_index(""))
    if dataset is not None and dataset.source_url:
        st.markdown(f"[Where the data comes from]({dataset.source_url})")


# ---- Shows learners the source behind a result ---------------------------------------------------------------------


def technique(chosen: Technique) -> None:
    """What makes a variant: the technique's row, if it has one, and the files of its stages."""
    with st.expander("The source that made this variant", icon=":material/code:"):
        for module, source in _sources(chosen):
            st.caption(f"{module.replace('.', '/')}.py")
            st.code(source, language="python")


def _sources(chosen: Technique) -> list[tuple[str, str]]:
    """Names of modules and what of them is to be shown: of the table of techniques one row, of the others all."""
    number_format = techniques.number_formats()[chosen.number_format]
    makers = [number_format.configure or number_format.requantize]
    if chosen.training != "none":
        makers.insert(0, techniques.stages()[chosen.training].apply)
    if chosen.packing != "none":
        makers.append(techniques.packings()[chosen.packing].pack)
    names = [getattr(maker, "func", maker).__module__ for maker in makers]
    row = [(presets.__name__, _row(chosen))] if chosen.name in techniques.techniques() else []
    return row + [(name, inspect.getsource(sys.modules[name])) for name in names]


def _row(chosen: Technique) -> str:
    """A technique's row of the table, as it is written there."""
    place = list(techniques.techniques()).index(chosen.name)
    text = inspect.getsource(presets)
    rows = [
        node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Preset"
    ]
    return textwrap.dedent(" " * rows[place].col_offset + (ast.get_source_segment(text, rows[place]) or ""))
