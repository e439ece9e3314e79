"""The table of cases: what is brought, what the lab may ask, how the person answers, what is right then.

Each case stands for a kind of problem that users of other tools reported in public. All inputs are synthetic and seeded. The
right values were computed without the lab: plain TensorFlow, LiteRT, TFLM and Keras on the same files.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

INPUTS = Path(__file__).parent / "inputs"


@dataclass(frozen=True, slots=True)
class Right:
    """One value that must come out.

    Attributes:
        technique: Of which row.
        what: `score`, `TFLM` (runs or refused) or `status` (measured or failed).
        value: The right one.
        tolerance: Absolute; where the lab divides the data, within its held-out share.
    """

    technique: str
    what: str
    value: float | str
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class Case:
    """One problem.

    Attributes:
        kind: K1 to K10.
        problem: What is odd about it, in few words.
        model, data: Files below `inputs/`; no data where a model alone is read.
        right: What must come out.
        metric: Of the score, as the record names it; empty where it does not matter.
        asks: The option that a question may name (or must, if `must_ask`); empty if nothing is to be asked.
        answer: What the person answers then.
        must_ask: True where no value without a question is right.
        says: Words that must stand in the answer; `never` those that must not.
        techniques: To be compared; empty for those that suit the file.
    """

    kind: str
    problem: str
    model: str
    data: str = ""
    right: tuple[Right, ...] = ()
    metric: str = ""
    asks: str = ""
    answer: tuple[str, ...] = ()
    must_ask: bool = False
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    techniques: str = "float32,int8"

    @property
    def name(self) -> str:
        """Its files, short."""
        return f"{self.model} {self.data}".strip()


def scores(float32: float, tolerance: float, int8: float | None = None) -> tuple[Right, ...]:
    """The score of float32, and of int8 where it is known."""
    first = (Right("float32", "score", float32, tolerance),)
    return first if int8 is None else (*first, Right("int8", "score", int8, tolerance))


BOTH_RUN = (Right("float32", "TFLM", "runs"), Right("int8", "TFLM", "runs"))
CALIBRATION = ("look at the calibration",)
TABLE = "tab/net4.keras"


def table(data: str, problem: str, asks: str = "", *answer: str) -> Case:
    """A table for the model of four inputs."""
    return Case(
        "K4", problem, TABLE, f"tab/{data}.csv", scores(0.967, 0.02), asks=asks, answer=answer, never=CALIBRATION
    )


def augmented(file: str) -> Case:
    """A model with one augmentation layer, alone."""
    problem = f"an augmentation layer in the model ({Path(file).stem.partition('_')[2]})"
    return Case(
        "K3",
        problem,
        f"aug/{file}",
        right=(Right("float32", "status", "measured"), Right("int8", "status", "measured")),
    )


CASES = (
    Case(
        "K1",
        "two softmax outputs, Keras 3",
        "multi/k3_two.keras",
        "multi/data.npz",
        scores(1.0, 0.01),
        never=CALIBRATION,
    ),
    Case(
        "K1", "two softmax outputs, Keras 2", "multi/k2_two.h5", "multi/data.npz", scores(1.0, 0.01), never=CALIBRATION
    ),
    Case(
        "K1", "two outputs, SavedModel by export", "multi/k3_sm", "multi/data.npz", scores(1.0, 0.01), never=CALIBRATION
    ),
    Case(
        "K1", "two outputs, SavedModel by save", "multi/k2_sm", "multi/data.npz", scores(1.0, 0.01), never=CALIBRATION
    ),
    Case(
        "K1",
        "outputs by name, the person's choice",
        "multi/k3_dict.keras",
        "multi/data.npz",
        scores(1.0, 0.01),
        asks="--output",
        answer=("--output", "zmain"),
        says=("zmain",),
    ),
    Case(
        "K2",
        "MultiHeadAttention and LayerNormalization",
        "layers/k3_mha.keras",
        "layers/seq.npz",
        (*scores(1.0, 0.02, 1.0), *BOTH_RUN),
    ),
    Case(
        "K2",
        "LSTM with unroll=True",
        "layers/k3_lstm_unroll.keras",
        "layers/seq.npz",
        (*scores(1.0, 0.02, 1.0), *BOTH_RUN),
    ),
    Case(
        "K2",
        "GELU: a real refusal, with the right name",
        "layers/k3_leaky_ln_gelu.keras",
        "layers/seq.npz",
        (*scores(1.0, 0.02), Right("float32", "TFLM", "refused")),
        says=("GELU",),
        never=("REDUCE_PROD",),
    ),
    Case(
        "K2",
        "Embedding, input in floats",
        "layers/k3_tokens_float_input.keras",
        "layers/tokens.npz",
        scores(1.0, 0.02),
        never=("SELECT_V2",),
    ),
    Case(
        "K3",
        "Normalization layer, Keras 3",
        "wrap/norm_k3.keras",
        "wrap/raw.npz",
        (*scores(0.90, 0.005), Right("int8", "score", 0.675, 0.02)),
    ),
    Case(
        "K3",
        "Normalization layer, Keras 2",
        "wrap/norm_k2.h5",
        "wrap/raw.npz",
        (*scores(0.90, 0.005), Right("int8", "score", 0.67, 0.02)),
    ),
    *(augmented(path.name) for path in sorted((INPUTS / "aug").iterdir())),
    Case(
        "K3",
        "augmentation layers before a classifier, Keras 3",
        "wrap/augm_k3.keras",
        "wrap/pix.npz",
        scores(1.0, 0.01, 1.0),
    ),
    Case(
        "K3",
        "augmentation layers before a classifier, Keras 2",
        "wrap/augm_k2.h5",
        "wrap/pix.npz",
        scores(1.0, 0.01, 1.0),
    ),
    Case(
        "K3",
        "arithmetic in the model, Keras 2 (TFOpLambda)",
        "wrap/prep_k2.h5",
        "wrap/pix.npz",
        scores(1.0, 0.01, 1.0),
        never=("scale_255",),
    ),
    Case(
        "K3",
        "arithmetic in the model, Keras 3",
        "wrap/prep_k3.keras",
        "wrap/pix.npz",
        scores(1.0, 0.01, 1.0),
        never=("scale_255",),
    ),
    Case("K3", "mixed_float16, Keras 3", "wrap/mixed_k3.keras", "wrap/pix.npz", scores(1.0, 0.01)),
    Case("K3", "mixed_float16, Keras 2", "wrap/mixed_k2.h5", "wrap/pix.npz", scores(1.0, 0.01)),
    Case("K3", "LSTM of Keras 3", "layers/k3_lstm.keras", "layers/seq.npz", (*scores(1.0, 0.02, 1.0), *BOTH_RUN)),
    Case(
        "K3",
        "GRU of Keras 3",
        "layers/k3_gru.keras",
        "layers/seq.npz",
        (*scores(0.99375, 0.01), Right("int8", "status", "failed")),
        never=("Ask again",),
    ),
    Case(
        "K3",
        "token numbers as inputs",
        "layers/k3_tokens_int_input.keras",
        "layers/tokens.npz",
        (Right("int8", "score", 1.0, 0.02),),
    ),
    table("axes_numbers", "an axis called y, numbers as labels", "--labels", "--labels", "activity"),
    table("axes_names", "an axis called y, words as labels", "--labels", "--labels", "activity"),
    table("label_first_names", "the label stands first, words", "--labels", "--labels", "gesture"),
    table("label_first_numbers", "the label stands first, numbers", "--labels", "--labels", "gesture"),
    Case(
        "K4",
        "the target stands first under a name of its own",
        "more/mpg.keras",
        "more/mpg_first.csv",
        scores(0.53, 0.15),
        asks="--labels",
        answer=("--labels", "mpg"),
        never=CALIBRATION,
    ),
    Case("K4", "a header of numbers, regression", "more/mpg.keras", "more/numbered_regression.csv", scores(0.53, 0.15)),
    table("numbered_header", "a header of numbers, classes"),
    table("id_column", "row numbers in a column Id", "--leave-out", "--leave-out", "Id"),
    table("unnamed", "row numbers in a column Unnamed: 0", "--leave-out", "--leave-out", "Unnamed: 0"),
    table("shuffled_index", "a shuffled index", "--leave-out", "--leave-out", "index"),
    table("class_none", "a class called None"),
    table("class_na", "a class called NA"),
    table("german", "semicolons and decimal commas"),
    Case(
        "K4",
        "classes in another order than the alphabet's",
        "more/gestures.keras",
        "more/gestures.csv",
        scores(1.0, 0.01),
        asks="--classes",
        answer=("--classes", "punch,flex"),
        never=CALIBRATION,
    ),
    Case("K5", "an export of Edge Impulse", "files/tones.keras", "files/edge_impulse.zip", scores(1.0, 0.01)),
    *(
        Case("K5", f"sounds: {words}", "files/tones.keras", f"files/{name}.zip", scores(1.0, 0.01))
        for name, words in (
            ("float32", "floats"),
            ("bits24", "24 bits"),
            ("bits32", "32 bits"),
            ("extensible16", "WAVE_FORMAT_EXTENSIBLE"),
        )
    ),
    Case("K5", "pictures: WebP", "files/colours.keras", "files/webp.zip", scores(1.0, 0.01), never=("scale_255",)),
    Case("K5", "pictures: TIFF", "files/colours.keras", "files/tiff.zip", scores(1.0, 0.01), never=("scale_255",)),
    Case(
        "K6",
        "an autoencoder beside labels of another task",
        "answers/autoencoder.keras",
        "answers/digits_labels.npz",
        scores(0.0785, 0.01),
        metric="mean_absolute_error",
        asks="--metric",
        answer=("--metric", "reconstruction"),
    ),
    Case(
        "K6",
        "an autoencoder without labels",
        "answers/autoencoder.keras",
        "answers/digits_only.npy",
        scores(0.0785, 0.02),
        metric="mean_absolute_error",
        asks="--metric",
        answer=("--metric", "reconstruction"),
    ),
    Case("K6", "two coordinates", "answers/point2.keras", "answers/point2.npz", scores(0.0111, 0.004)),
    Case("K6", "several labels at once", "answers/multilabel.keras", "answers/multilabel.npz", scores(0.993, 0.01)),
    Case(
        "K6",
        "one answer, labels -1 and 1",
        "answers/hinge.keras",
        "answers/two_pm1.npz",
        scores(0.913, 0.02),
        metric="accuracy",
    ),
    Case(
        "K6",
        "one answer, labels 1 and 2",
        "answers/logit12.keras",
        "answers/two_one_two.npz",
        scores(0.913, 0.02),
        metric="accuracy",
    ),
    Case(
        "K7",
        "arrays without names (arr_0 to arr_3)",
        "lite/digits.keras",
        "lite/positional.npz",
        scores(0.965, 0.01),
        asks="--test-inputs",
        answer=(),
    ),
    Case(
        "K7",
        "arrays by odd names",
        "lite/digits.keras",
        "lite/odd_names.npz",
        scores(0.965, 0.01),
        asks="--test-inputs",
        answer=(),
    ),
    Case(
        "K7",
        "inputs that are the file's own integers, int8",
        "lite/int8.tflite",
        "lite/stored_int8.npz",
        (Right("as_it_is", "score", 0.965, 0.01),),
        asks="--cure",
        answer=(),
        techniques="",
    ),
    Case(
        "K7",
        "inputs that are the file's own integers, uint8",
        "lite/uint8.tflite",
        "lite/pixels.npz",
        (Right("as_it_is", "score", 0.965, 0.01),),
        asks="--cure",
        answer=(),
        techniques="",
    ),
    Case(
        "K8",
        "larger pictures than the model's input",
        "resize/textures16.keras",
        "resize/textures48.zip",
        scores(1.0, 0.02),
        never=CALIBRATION,
    ),
    Case("K10", "a C array", "lite/model.cc", right=(Right("as_it_is", "TFLM", "runs"),), techniques=""),
    Case(
        "K10",
        "a SavedModel with two signatures",
        "lite/sm_two",
        right=(Right("float32", "status", "measured"),),
        asks="--signature",
        says=("--signature",),
    ),
)
