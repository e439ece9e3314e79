"""A comparison as the JSON record that scripts rely on: keys may be added, never renamed or dropped."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tinyml_core import catalog
from tinyml_core.boards.latency.estimate import Estimate, NoEstimate
from tinyml_core.boards.latency.power import Energy
from tinyml_core.compare.advice import advise, band
from tinyml_core.compare.columns import COLUMNS
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compare.sentences import summary
from tinyml_core.domain import metrics
from tinyml_core.domain.inspection import Inspection
from tinyml_core.domain.outcome import Failure, Latency, Measurement, NpuEstimate, Score, Similarity
from tinyml_core.engine.environment import environment
from tinyml_core.zoo.cards import NO_SCORE, RANDOM_WEIGHTS

FIT = (
    "board", "verdict", "flash_needed_bytes", "flash_available_bytes", "ram_needed_bytes", "ram_available_bytes",
    "flash_parts", "ram_parts", "reasons",
)  # fmt: skip
ESTIMATE = ("basis", "evidence", "runtime", "cycles", "known_macs_share", "flags")


def board_record(row: Row, index: int) -> dict[str, Any]:
    """One variant on one board: the sums, and time and energy as estimates with their bands."""
    fit, latency, energy = row.fits[index], row.latencies[index], row.energies[index]
    return _fields(fit, *FIT) | {
        "latency_ms": _band(latency) | _fields(latency, *ESTIMATE) if isinstance(latency, Estimate) else None,
        "energy_uj": _band(energy) | {"basis": energy.basis} if isinstance(energy, Energy) else None,
        "npu": _npu(row.npus.get(fit.board)),
        "no_latency": latency.reason if isinstance(latency, NoEstimate) else None,
        "no_energy": energy.reason if isinstance(energy, NoEstimate) else None,
    }


def _fields(value: Any, *names: str) -> dict[str, Any]:
    """Some fields of a value, or all, under their own names and as JSON holds them."""
    known = asdict(value)
    return {name: list(known[name]) if isinstance(known[name], tuple) else known[name] for name in names or known}


def _band(found: Estimate | Energy) -> dict[str, Any]:
    return dict(zip(("low", "estimate", "high"), band(found)[1], strict=True))


def _npu(found: NpuEstimate | Failure | None) -> dict[str, Any] | None:
    """Vela's estimate, or why there is none; null on boards without an NPU that it compiles for."""
    if isinstance(found, Failure):
        return {"status": "failed", "failure": failure_record(found)}
    return None if found is None else {"status": "estimated", "known": found.known, **asdict(found)}


def failure_record(failure: Failure | None) -> dict[str, Any] | None:
    """A failure: stage, reason, advice, link, the library's own words, and whether a person stopped it."""
    return None if failure is None else _fields(failure, "stage", "reason", "advice", "link", "detail", "stopped")


SCHEMA = 1


def record(comparison: Comparison, files: dict[str, str] | None = None) -> dict[str, Any]:
    """The whole record of a complete comparison; `files` says where each technique's `.tflite` was saved."""
    question = comparison.question
    model, dataset = catalog.model(question.model), catalog.dataset_or_none(question.dataset)
    return {
        "schema": SCHEMA,
        "environment": environment(),
        "model": {
            "name": model.name,
            "title": model.title,
            "task": str(model.task),
            "parameters": model.parameters,
            "architecture": model.architecture,
            "dataset": dataset.name if dataset else None,
            "licence": dataset.licence if dataset else None,
            "note": None if dataset else f"{RANDOM_WEIGHTS} {NO_SCORE}",
        },
        "settings": asdict(question.settings),
        "limits": asdict(question.limits) if question.limits.given else None,
        "advice": advised.text if (advised := advise(comparison, question.limits)) and question.limits.given else None,
        "summary": summary(comparison),
        "variants": [variant_record(row, (files or {}).get(row.technique.name)) for row in comparison.rows],
    }


def variant_record(row: Row, file: str | None = None, technique: str | None = None) -> dict[str, Any]:
    """One variant; what is not known is null. Each column's value stands where `COLUMNS` says."""
    measured = row.measured
    inspection = measured.inspection if measured and isinstance(measured.inspection, Inspection) else None
    latency = row.latency if isinstance(row.latency, Latency) else None
    parts = {"latency_ms": row.latency} | {name: getattr(measured, name, None) for name in ("inspection", "score")}
    found: dict[str, Any] = {
        "technique": technique or row.technique.name,
        "status": "failed" if measured is None else "measured",
        "failure": failure_record(row.outcome if isinstance(row.outcome, Failure) else None),
        "sizes_bytes": None,
        "macs": None,
        "score": None,
        "agreement": asdict(row.agreement) if row.agreement else None,
        "likeness": asdict(row.similarity) if isinstance(row.similarity, Similarity) else None,
        "worth": None if row.tradeoff is None else asdict(row.tradeoff),
        "training": _fields(measured.training, "dense_layers", "notes") if measured else None,
        "latency_ms": None,
        "micro": asdict(measured.micro) if measured else None,
        "warnings": [{"code": warned.code, "text": warned.text} for warned in row.warnings],
        "census": inspection.census if inspection else None,
        "provenance": _provenance(measured, latency, row.packed),
        "inputs": [_fields(tensor) for tensor in inspection.inputs] if inspection else [],
        "outputs": [_fields(tensor) for tensor in inspection.outputs] if inspection else [],
        "boards": [board_record(row, index) for index in range(len(row.fits))],
        "notes": list(row.notes),
        "part_failures": {name: failure_record(part) for name, part in parts.items() if isinstance(part, Failure)},
        "sha256": measured.file_sha256 if measured else None,
        "file": file,
    }
    for column in COLUMNS:
        if column.record:
            _put(found, column.record, column.value(row))
    if row.score:
        found["score"]["chance"] = row.score.chance
    if latency:
        found["latency_ms"] |= {"runs": len(latency.runs_ms), "raw": list(latency.runs_ms), "busy": latency.busy}
    return found


def _put(record: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Put a value in its place; a section of which nothing is known stays null."""
    *sections, key = path
    for name in sections:
        if record.get(name) is None:
            if value is None:
                record.setdefault(name, None)
                return
            record[name] = {}
        record = record[name]
    record[key] = value


def _provenance(measured: Measurement | None, latency: Latency | None, packed: bool) -> dict[str, str]:
    if measured is None:
        return {}
    known = {"sizes_bytes": metrics.COUNTED, "macs": metrics.COUNTED, "census": metrics.COUNTED}
    if isinstance(measured.score, Score):
        on_tflm, on_host = (
            f"{metrics.TFLM}, which alone can read packed files",
            f"{metrics.HOST}, LiteRT, default kernels",
        )
        known["score"] = known["agreement"] = f"{on_tflm if packed else on_host}; held-out samples"
        known["worth"] = "flash counted; score as `score`; chance by the paired test"
    if measured.micro.status != "not executed":
        known["micro"] = metrics.TFLM
        known["micro.arena_32bit_bytes"] = metrics.ARENA_32BIT
    if latency is not None:
        known["latency_ms"] = f"{metrics.HOST}, LiteRT, one thread; not for ranking"
    known["boards"] = (
        "model counted, arena measured on TFLM (64-bit build), runtime code estimated from its operators, platform as each "
        "board documents"
    )
    known["boards.latency_ms"] = "estimated from published latencies of other models, with a band; never measured here"
    known["boards.energy_uj"] = "estimated: estimated latency times the power that each board documents"
    return known
