"""The command line: results on standard output, progress on standard error, exit code 2 and a sentence for a wrong question."""

from __future__ import annotations

import csv
import http.server
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tinyml_core import compare
from tinyml_core.cli import main
from tinyml_core.compare.comparison import Comparison
from tinyml_core.compress import techniques
from tinyml_core.domain.technique import Settings
from tinyml_core.engine.fingerprint import sha256

if TYPE_CHECKING:
    from tests.conftest import Lab

FEW = ("--techniques", "float32,int8", "--no-latency")
Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(capfd: pytest.CaptureFixture[str]) -> Said:
    """Runs a command in this process; gives exit code, standard output and standard error."""

    def run(*words: str) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main(words)
        told = capfd.readouterr()
        assert "Traceback" not in told.out + told.err
        return code, told.out, told.err

    return run


def tinyml(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command as a shell does."""
    command = [sys.executable, "-c", "import sys; from tinyml_core.cli import main; sys.exit(main())", *words]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, timeout=500)


@pytest.fixture(scope="session")
def saved(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of a comparison, saved by the command itself."""
    lab.comparison(
        "digits", "float32", "int8"
    )  # by the warm workers of the run, so that the command only looks them up
    folder = tmp_path_factory.mktemp("saved")
    assert main(["compare", "digits", *FEW, "--save", str(folder), "--json", str(folder / "record.json")]) == 0
    return folder


# ---- Lists


@pytest.mark.parametrize("kind", ["models", "techniques", "boards", "datasets"])
def test_a_list_names_everything_with_a_title(kind: str, say: Said) -> None:
    code, out, err = say(kind, "--json")
    members = json.loads(out)
    assert (code, err) == (0, "")
    assert members
    assert all(member["name"] and member["title"] for member in members)
    code, out, _ = say(kind)
    assert code == 0
    assert all(member["name"] in out for member in members)


def test_the_lists_show_what_the_catalog_holds(say: Said) -> None:
    listed = [member["name"] for member in json.loads(say("techniques", "--json")[1])]
    assert listed == list(techniques.techniques())


def test_a_technique_is_listed_with_its_group_and_its_stages(say: Said) -> None:
    listed = {member["name"]: member for member in json.loads(say("techniques", "--json")[1])}
    stages = {key: listed["qat_int8"][key] for key in ("group", "training", "number_format", "packing")}
    assert stages == {"group": "While training", "training": "qat", "number_format": "int8", "packing": "none"}
    assert listed["int8"]["training"] == "none"
    assert "While training" in say("techniques")[1]


# ---- compare


def test_a_technique_can_be_composed_by_its_name(say: Said) -> None:
    code, out, _ = say("compare", "mlperf_kws", "--techniques", "qat_float16", "--no-latency", "--json", "-")
    (variant,) = json.loads(out)["variants"]
    assert code == 4
    assert variant["technique"] == "qat_float16"
    assert "no data set comes with the model" in variant["failure"]["reason"]


def test_a_name_close_to_a_composed_one_is_told(say: Said) -> None:
    code, out, err = say("compare", "digits", "--techniques", "qat_int8_flaot_io")
    assert (code, out) == (2, "")
    assert "near matches: qat_int8_float_io" in err


def test_the_help_says_what_the_exit_codes_mean(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(("--help",))
    told = " ".join(capsys.readouterr().out.split())
    assert "Exit codes: 0 if the question was answered" in told
    assert "2 for a wrong question" in told and "3 if a --require is not met" in told


def test_the_help_says_how_techniques_are_composed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(("compare", "--help"))
    told = capsys.readouterr().out
    assert "[training_]format[_packing]" in told
    words = "".join(told.split())  # long lists are broken into lines
    assert all(name in words for name in (*techniques.stages(), *techniques.number_formats(), *techniques.packings()))


def test_the_settings_that_were_given_stand_in_the_record(saved: Path, say: Said) -> None:
    given = ("--temperature", "2.5", "--soft-weight", "0.25", "--kept-layers", "3", "--seed", "7")
    record = json.loads(say("compare", "digits", *FEW, *given, "--json", "-")[1])
    settings = {name: record["settings"][name] for name in ("temperature", "soft_weight", "kept_layers", "seed")}
    assert settings == {"temperature": 2.5, "soft_weight": 0.25, "kept_layers": 3, "seed": 7}


def test_a_record_on_standard_output_is_all_there_is_on_it(saved: Path) -> None:
    run = tinyml("compare", "digits", *FEW, "--json", "-")
    record = json.loads(run.stdout)
    assert run.returncode == 0
    assert record["schema"] == 1
    assert {"environment", "model", "settings", "summary", "variants"} <= record.keys()
    assert [variant["technique"] for variant in record["variants"]] == ["float32", "int8"]
    for variant in record["variants"]:
        assert variant["status"] == "measured"
        assert variant["latency_ms"] is None
        assert variant["sizes_bytes"]["flash"] > 0
    assert "int8: measured" in run.stderr  # progress


def test_a_model_without_data_is_compared_without_a_score(lab: Lab) -> None:
    lab.comparison("mlperf_kws")  # by the warm workers of the run
    run = tinyml("compare", "mlperf_kws", "--techniques", "all", "--no-latency", "--json", "-")
    assert run.returncode == 0, run.stderr
    record = json.loads(run.stdout)
    assert (record["model"]["dataset"], record["model"]["licence"]) == (None, None)
    assert "answers mean nothing" in record["model"]["note"]
    assert "no data set comes with this model" in record["summary"]
    variants = {variant["technique"]: variant for variant in record["variants"]}
    assert all(variant["score"] is None for variant in variants.values())
    assert "no data set comes with the model" in variants["qat_int8"]["failure"]["reason"]
    trained = {name for name, technique in techniques.techniques().items() if technique.training != "none"}
    assert {name for name, variant in variants.items() if variant["status"] == "failed"} == trained
    assert variants["int8"]["macs"] == 2_656_768


def test_a_model_without_data_has_a_table_and_a_report(lab: Lab, tmp_path: Path, say: Said) -> None:
    lab.comparison("mlperf_kws", "float32", "int8")
    report = tmp_path / "report.html"
    code, out, _ = say("compare", "mlperf_kws", *FEW, "--csv", str(tmp_path / "t.csv"), "--report", str(report))
    assert code == 0
    assert "Accuracy not measured: no data set comes with this model." in out
    assert "answers mean nothing" in report.read_text(encoding="utf-8")


def test_a_model_without_data_is_not_trained(say: Said) -> None:
    code, out, _ = say("train", "mlperf_kws")
    assert code == 0
    assert (
        out
        == "mlperf_kws: not trained, because no data set comes with it; its weights are random, from a fixed seed.\n"
    )


def test_a_data_set_for_a_model_without_data_costs_a_sentence(lab: Lab, say: Said) -> None:
    lab.comparison("mlperf_kws", "float32", "int8")
    code, out, err = say("compare", "mlperf_kws", *FEW, "--dataset", "digits")
    assert code == 2
    assert "No data set comes with the model mlperf_kws." in err
    assert "int8" in out


def test_the_saved_files_are_those_of_the_record(saved: Path) -> None:
    record = json.loads((saved / "record.json").read_text(encoding="utf-8"))
    for variant in record["variants"]:
        assert Path(variant["file"]).parent == saved
        assert sha256(Path(variant["file"]).read_bytes()) == variant["sha256"]


def test_without_a_target_the_answer_is_a_table_and_a_sentence(saved: Path, say: Said) -> None:
    code, out, _ = say("compare", "digits", *FEW)
    assert code == 0
    assert "technique" in out.splitlines()[1]
    assert "smaller than float32" in out.splitlines()[-1]


def test_a_csv_on_standard_output_has_a_row_a_variant(saved: Path, say: Said) -> None:
    code, out, _ = say("compare", "digits", *FEW, "--csv", "-")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert [row["technique"] for row in rows] == ["float32", "int8"]
    assert int(float(rows[1]["flash_bytes"])) < int(float(rows[0]["flash_bytes"]))


def test_files_for_csv_and_report_are_written(saved: Path, tmp_path: Path, say: Said) -> None:
    table, report = tmp_path / "table.csv", tmp_path / "report.html"
    code, out, _ = say("compare", "digits", *FEW, "--csv", str(table), "--report", str(report))
    assert code == 0
    assert out  # the text table is still there
    assert table.read_text(encoding="utf-8").startswith("technique")
    assert "<html" in report.read_text(encoding="utf-8").lower()


def test_an_unknown_technique_costs_a_sentence_and_the_rest_is_answered(saved: Path, say: Said) -> None:
    code, out, err = say("compare", "digits", "--techniques", "float32,int9", "--no-latency", "--json", "-")
    assert code == 2
    assert "There is no technique 'int9'; near matches: int8" in err
    assert [variant["technique"] for variant in json.loads(out)["variants"]] == ["float32"]


def test_of_a_file_an_unknown_technique_is_told_before_it_is_read(tmp_path: Path, say: Said) -> None:
    path = tmp_path / "mine.tflite"
    path.write_bytes(b"no model")
    code, _, err = say("compare", str(path), "--techniques", "int9")
    assert code == 2 and err.startswith("tinyml: There is no technique 'int9'; near matches: int8")
    assert len(err.splitlines()) == 1
    code, _, err = say("compare", str(path), "--techniques", "int9,int8")
    assert code == 2 and "There is no technique" in err.splitlines()[0] and len(err.splitlines()) > 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("digit",), "There is no model 'digit'; near matches: digits."),
        (("digits", "--techniques", "in8"), "There is no technique 'in8'; near matches: int8"),
        (("digits", "--techniques", ","), "No technique was chosen"),
        (("digits", "--calibration-samples", "0"), "calibration_samples is 0; it must be from 1 to 1000."),
        (("digits", "--fine-tuning-epochs", "51"), "fine_tuning_epochs is 51; it must be from 1 to 50."),
        (("digits", "--seed", "-1"), "seed is -1; it must be from 0"),
        (("digits", "--temperature", "0.5"), "temperature is 0.5; it must be from 1 to 20."),
        (("digits", "--soft-weight", "nan"), "soft_weight is nan; it must be from 0 to 1."),
        (("digits", "--kept-layers", "0"), "kept_layers is 0; it must be from 1 to 10."),
        (("digits", "--cure", "scale_255", "--labels", "y"), "--cure, --labels go with a model of your own"),
        (("digits", "--input-shape", "8,8"), "--input-shape goes with a model of your own"),
        (("digits", "--test-percent", "0"), "--test-percent goes with a model of your own"),
        (("mine.h5", "--inputs", "x"), "--inputs goes with --data FILE."),
        (("digits", "--policy", "FAST"), "policy is 'FAST'; it must be one of DEFAULT"),
    ],
)
def test_a_question_that_cannot_be_asked_gives_one_sentence(words: tuple[str, ...], sentence: str, say: Said) -> None:
    code, out, err = say("compare", *words)
    assert (code, out) == (2, "")
    assert err.startswith("tinyml: ")
    assert sentence in err
    assert len(err.splitlines()) == 1


def test_a_number_that_is_none_is_refused_with_the_usage() -> None:
    run = tinyml("compare", "digits", "--seed", "one")
    assert run.returncode == 2
    assert "invalid int value" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_file_that_cannot_be_written_gives_one_sentence(saved: Path, tmp_path: Path, say: Said) -> None:
    nowhere = tmp_path / "no" / "folder" / "record.json"
    code, _, err = say("compare", "digits", *FEW, "--json", str(nowhere))
    assert code == 2
    assert err.splitlines()[-1] == f"tinyml: The file {nowhere} cannot be used: No such file or directory."


def entries(store: Path) -> dict[Path, bytes]:
    """Every file of a store with its content."""
    return {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_a_fresh_answer_neither_reads_nor_writes_the_store(tmp_path: Path) -> None:
    store = tmp_path / "store"
    run = tinyml("compare", "sine", "--techniques", "float32", "--no-latency", "--fresh", "--json", "-",
                 TINYML_STORE=str(store))  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["variants"][0]["status"] == "measured"
    assert not store.exists() or entries(store) == {}


@pytest.mark.slow
def test_a_store_that_cannot_be_written_is_said_and_the_question_answered(tmp_path: Path) -> None:
    store = tmp_path / "a_file"
    store.write_text("no folder")
    run = tinyml("compare", "sine", "--techniques", "float32", "--no-latency", "--json", "-", TINYML_STORE=str(store))
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["variants"][0]["status"] == "measured"
    assert f"tinyml: The store {store} cannot be written" in run.stderr
    assert "TINYML_STORE" in run.stderr
    assert "Traceback" not in run.stderr
    assert store.read_text() == "no folder"


# ---- check


def test_a_good_file_is_described_without_its_data(saved: Path, say: Said) -> None:
    file = str(saved / "digits_int8.tflite")
    code, out, _ = say("check", file)
    assert code == 0
    assert out.startswith("flash ")
    assert "TFLM     runs" in out
    code, out, _ = say("check", file, "--json", "-", "--boards", "raspberry_pi_pico")
    record = json.loads(out)
    assert (code, record["schema"]) == (0, 1)
    variant = record["variants"][0]
    assert variant["score"] is None
    assert variant["micro"]["status"] == "runs"
    assert [fit["board"] for fit in variant["boards"]] == ["raspberry_pi_pico"]


def test_a_checked_file_has_the_numbers_of_the_comparison_it_comes_from(saved: Path, say: Said) -> None:
    compared = json.loads((saved / "record.json").read_text(encoding="utf-8"))["variants"][1]
    checked = json.loads(say("check", str(saved / "digits_int8.tflite"), "--json", "-")[1])["variants"][0]
    assert checked["sha256"] == compared["sha256"]
    assert checked["sizes_bytes"] == compared["sizes_bytes"]
    assert checked["census"] == compared["census"]
    assert checked["micro"]["arena_minimum_bytes"] == compared["micro"]["arena_minimum_bytes"]


def bad(tmp_path: Path, saved: Path, kind: str) -> Path:
    """A file that is no model, of some kind."""
    good = (saved / "digits_int8.tflite").read_bytes()
    path = tmp_path / f"{kind}.tflite"
    if kind == "folder":
        path.mkdir()
    elif kind != "missing":
        content = {
            "text": b"This is no model.\n" * 20,
            "empty": b"",
            "short": good[:8],
            "truncated": good[: len(good) // 2],
            "zeros": bytes(4096),
            "scrambled": good[:8] + bytes(byte ^ 0x5A for byte in good[8:400]) + good[400:],
        }
        path.write_bytes(content[kind])
    return path


@pytest.mark.parametrize("kind", ["text", "empty", "missing", "folder", "short", "truncated", "zeros", "scrambled"])
def test_a_file_that_is_no_model_gives_one_sentence(kind: str, saved: Path, tmp_path: Path, say: Said) -> None:
    file = bad(tmp_path, saved, kind)
    code, out, err = say("check", str(file))
    assert (code, out) == (2, "")
    assert err.startswith("tinyml: ")
    assert str(file) in err
    assert len(err.splitlines()) == 1


def test_an_unknown_board_gives_its_near_matches(saved: Path, say: Said) -> None:
    code, out, err = say("check", str(saved / "digits_int8.tflite"), "--boards", "raspberry_pi_pica")
    assert (code, out) == (2, "")
    assert "near matches: raspberry_pi_pico" in err


# ---- doctor


def test_a_comparison_in_which_everything_failed_is_no_success(saved: Path, say: Said) -> None:
    code, out, _ = say("compare", str(saved / "digits_int8.tflite"), "--techniques", "float16", "--no-latency")
    assert code == 4
    assert "could be measured" in out


def test_the_doctor_tells_versions_and_what_can_be_executed(say: Said) -> None:
    code, out, _ = say("doctor")
    assert code == 0
    for word in ("TinyML Lab", "tensorflow", "ai-edge-litert", "executes on TFLM", os.environ["TINYML_STORE"]):
        assert word in out
    code, out, _ = say("doctor", "--json", "-")
    found = json.loads(out)
    assert code == 0
    assert found["executes"]["LiteRT"] is True
    assert found["store"]["writable"] is True
    assert found["datasets"]["digits"] == "present"


def test_the_doctor_sees_a_store_that_cannot_be_written(
    tmp_path: Path, say: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a_file").write_text("")
    monkeypatch.setenv("TINYML_STORE", str(tmp_path / "a_file"))
    code, out, _ = say("doctor")
    assert code == 0
    assert "it cannot be written" in out


def test_the_doctor_says_where_what_was_brought_lies_and_how_much(
    tmp_path: Path, say: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYML_UPLOADS", str(tmp_path))
    for name in ("my-0123456789abcdef", "data-0123456789abcdef", "data-1123456789abcdef"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "card.json").write_text("{}")
    assert f"brought: 1 model and 2 data sets in {tmp_path}, 6 B" in say("doctor")[1]


# ---- fetch


class Files(http.server.BaseHTTPRequestHandler):
    """Serves the same for every path."""

    def do_GET(self) -> None:
        """Answer with something that is no published file."""
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"other")

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def mirror() -> Iterator[str]:
    """The address of a server on this computer that has other files; how downloads behave is tested with the core."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_command_says_what_it_refused(
    mirror: str, say: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYML_DATA", str(tmp_path))
    code, out, err = say("fetch", "mnist_full", "--mirror", mirror)
    assert (code, out) == (2, "")
    assert "is not the published file: it has 5 bytes instead of 9,912,422" in err.splitlines()[-1]
    assert err.splitlines()[-1].startswith("tinyml: ")


@pytest.mark.parametrize("command", ["compare", "train"])
def test_a_model_that_needs_a_download_is_one_sentence(
    command: str, say: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYML_DATA", str(tmp_path))
    code, out, err = say(command, "flowers")
    assert (code, out) == (2, "")
    assert "tinyml fetch flowers" in err
    assert "227.2 MB" in err
    assert len(err.strip().splitlines()) == 1


def test_a_data_set_that_comes_as_a_package_is_there_already(say: Said) -> None:
    code, out, _ = say("fetch", "digits")
    assert code == 0
    assert "digits is present" in out


def test_an_unknown_data_set_gives_its_near_matches(say: Said) -> None:
    code, out, err = say("fetch", "mnist_ful")
    assert (code, out) == (2, "")
    assert "near matches: mnist_full" in err


# ---- Python


def test_the_same_question_can_be_asked_in_python(lab: Lab, saved: Path) -> None:
    comparison = compare("digits", techniques=["float32", "int8"], latency=False, desk=lab.desk)
    assert isinstance(comparison, Comparison)
    assert comparison.complete
    record = json.loads((saved / "record.json").read_text(encoding="utf-8"))
    assert [row.flash_bytes for row in comparison.rows] == [row["sizes_bytes"]["flash"] for row in record["variants"]]


def test_in_python_an_unknown_name_is_an_error_that_names_the_near_ones(lab: Lab) -> None:
    with pytest.raises(ValueError, match="near matches: int8"):
        compare("digits", techniques=["int9"], desk=lab.desk)
    with pytest.raises(ValueError, match="it must be from 1 to 1000"):
        compare("digits", settings=Settings(calibration_samples=0), desk=lab.desk)
