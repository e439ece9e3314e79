"""What a brought Keras model may consist of: plain built-in parts, which hold numbers and no code, and read no file.

An allow-list: what is not on it is refused, so that a class that a later Keras adds is refused until somebody has read it.
Losses, metrics and optimizers are on no list because nothing of them is ever loaded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from tinyml_core.uploads.refusal import bare, damaged, refuse


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


MODELS = frozenset({"Functional", "Model", "Sequential"})

LAYERS = _names(
    """
    Activation ActivityRegularization Add AdditiveAttention AlphaDropout Attention Average AveragePooling1D
    AveragePooling2D AveragePooling3D BatchNormalization Bidirectional CenterCrop Concatenate Conv1D
    Conv1DTranspose Conv2D Conv2DTranspose Conv3D Conv3DTranspose ConvLSTM1D ConvLSTM2D Cropping1D Cropping2D
    Cropping3D Dense DepthwiseConv1D DepthwiseConv2D Discretization Dot Dropout ELU EinsumDense Embedding
    Flatten GRU GRUCell GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D
    GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization Identity
    InputLayer LSTM LSTMCell LayerNormalization LeakyReLU LocallyConnected1D LocallyConnected2D Masking
    MaxPooling1D MaxPooling2D MaxPooling3D Maximum Minimum MultiHeadAttention Multiply Normalization PReLU
    Permute RMSNormalization RNN RandomBrightness RandomContrast RandomFlip RandomRotation RandomTranslation
    RandomZoom ReLU RepeatVector Rescaling Reshape Resizing SeparableConv1D SeparableConv2D SimpleRNN
    SimpleRNNCell Softmax SpatialDropout1D SpatialDropout2D SpatialDropout3D StackedRNNCells Subtract
    ThresholdedReLU TimeDistributed UnitNormalization UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D
    ZeroPadding2D ZeroPadding3D
    """
)

ARITHMETIC = _names(
    """
    Absolute Add Concatenate Divide Exp ExpandDims GetItem Log Max Maximum Mean Min Minimum Multiply Negative
    Reshape Sqrt Square Squeeze Subtract Sum Tanh Transpose TrueDivide
    """
)
"""What Keras 3 writes for `2 * x + 1` between layers: plain functions of arrays, kept as operations of their own."""

ACTIVATION_OPERATIONS = frozenset({"Relu", "Relu6", "Sigmoid", "Silu", "Softmax"})

INITIALIZERS = _names(
    """
    Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity IdentityInitializer LecunNormal LecunUniform
    Ones Orthogonal OrthogonalInitializer RandomNormal RandomUniform TruncatedNormal VarianceScaling Zeros
    """
)

REGULARIZERS = frozenset({"L1", "L1L2", "L2", "OrthogonalRegularizer"})
CONSTRAINTS = frozenset({"MaxNorm", "MinMaxNorm", "NonNeg", "RadialConstraint", "UnitNorm"})
NUMBER_POLICIES = frozenset({"DTypePolicy", "Policy"})

VALUES = frozenset(
    {"__ellipsis__", "__keras_tensor__", "__numpy__", "__slice__", "__tensor__", "__tuple__", "TensorShape"}
)
"""Not classes: how Keras writes a tuple, a slice, an array or a reference to another layer's output as JSON."""

ACTIVATIONS = _names(
    """
    celu elu exponential gelu hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu linear log_sigmoid
    log_softmax mish relu relu6 selu sigmoid silu softmax softplus softsign swish tanh
    """
)

NUMBERS = _names(
    """
    bfloat16 bool float16 float32 float64 int16 int32 int64 int8 mixed_bfloat16 mixed_float16 uint8
    """
)

INITIALIZER_WORDS = _names(
    """
    constant glorot_normal glorot_uniform he_normal he_uniform identity lecun_normal lecun_uniform normal one
    ones orthogonal random_normal random_uniform truncated_normal uniform variance_scaling zero zeros
    """
)

WORDS: dict[str, frozenset[str]] = {
    "activation": ACTIVATIONS,
    "dtype": NUMBERS,
    "initializer": INITIALIZERS | INITIALIZER_WORDS,
    "regularizer": REGULARIZERS | {"l1", "l1_l2", "l2", "orthogonal_regularizer"},
    "constraint": CONSTRAINTS
    | {"max_norm", "min_max_norm", "non_neg", "nonneg", "radial_constraint", "unit_norm", "unitnorm"},
}
"""By the last word of a setting's name: the bare strings that Keras would look up as an object of that kind."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Names that are allowed, and the modules under which Keras writes them; a file without modules is of an old form."""

    names: frozenset[str]
    modules: frozenset[str]


KINDS = (
    Kind(
        MODELS,
        frozenset({"keras", "keras.models"})
        | {f"keras.src.models.{name}" for name in ("functional", "sequential", "model")}
        | {
            f"{package}.engine.{name}"
            for package in ("keras", "keras.src", "tf_keras.src")
            for name in ("functional", "sequential", "training")
        },
    ),
    Kind(LAYERS, frozenset({"keras.layers", "tf_keras.layers"})),
    Kind(ARITHMETIC, frozenset({"keras.src.ops.numpy"})),
    Kind(ACTIVATION_OPERATIONS, frozenset({"keras.src.ops.nn"})),
    Kind(INITIALIZERS, frozenset({"keras.initializers", "tf_keras.initializers"})),
    Kind(REGULARIZERS, frozenset({"keras.regularizers", "tf_keras.regularizers"})),
    Kind(CONSTRAINTS, frozenset({"keras.constraints", "tf_keras.constraints"})),
    Kind(NUMBER_POLICIES, frozenset({"keras", "keras.mixed_precision", "tf_keras.mixed_precision"})),
    Kind(VALUES, frozenset()),
)

FUNCTION_MODULES = frozenset({"builtins", "keras.activations", "tf_keras.activations"})
"""Of an activation that is written as a function."""

CODE = _names(
    """
    __lambda__ ClassMethod FlaxLayer InstanceMethod InstanceProperty JaxLayer Lambda SlicingOpLambda TFOpLambda
    TFSMLayer TorchModuleWrapper
    """
)
"""Named only for a better sentence: they are refused because they are on no list above."""

READERS = frozenset({"Hashing", "IntegerLookup", "StringLookup", "TextVectorization"})
"""Likewise: layers for text, which read a vocabulary."""

# ---- The configuration of a brought Keras model, parsed and held against the allow-list without Keras --------------


MOST_CHARACTERS = 4_000_000
MOST_VALUES = 300_000

MOST_DEPTH = 100
"""A model inside a model is seven levels deeper."""

MOST_LAYERS = 1_500
ADVICE = "Build the model from Keras's built-in layers, or bring it as a .tflite file."

NOT_LOADED = frozenset({"compile_config"})
"""What trained the model: losses, metrics, optimizers. Left out at every depth before anything looks at it."""

Config = dict[str, Any]


def read_config(text: str) -> Config:
    """Parse a model's configuration; what comes back names built-in parts only.

    Raises:
        Expected: It is no configuration of a model, too large, or names something that is not on the allow-list.
    """
    if len(text) > MOST_CHARACTERS:
        refuse(f"The model's configuration is longer than {MOST_CHARACTERS:,} characters.", "Bring a smaller model.")
    try:
        config: Config = json.loads(text, object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        damaged("The model's configuration", error)
    named = config.get("class_name") if isinstance(config, dict) else None
    if not isinstance(named, str):
        damaged("The model's configuration")
    if named not in MODELS:
        _refuse_class(named, "")
    check(config)
    return config


def _once_each(pairs: list[tuple[str, Any]]) -> Config:
    """Two readers may take different ones of two equal names, so there must not be any."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name is given twice")
    return {name: value for name, value in pairs if name not in NOT_LOADED}


def check(config: Config) -> None:
    """Hold everything that a configuration names, at any depth, against the allow-list.

    Raises:
        Expected: Something is not on it.
    """
    layers = 0
    for count, (key, value, layer) in enumerate(_values(config)):
        if count > MOST_VALUES:
            refuse(f"The model's configuration has more than {MOST_VALUES:,} values.", "Bring a smaller model.")
        if isinstance(value, dict) and "class_name" in value:
            _check_class(value, layer)
            layers += value["class_name"] in LAYERS
            if layers > MOST_LAYERS:
                refuse(f"The model has more than {MOST_LAYERS:,} layers.", "Bring a smaller model.")
        elif isinstance(value, str):
            _check_word(key, value, layer)


def _values(config: Config) -> Iterator[tuple[str, Any, str]]:
    """All values with the key under which they stand (in lists: the list's) and the name of the layer round them.

    Goes through them without recursion: a stranger decides how deep they lie.
    """
    waiting: list[tuple[str, Any, str, int]] = [("", config, "", 0)]
    while waiting:
        key, value, layer, depth = waiting.pop()
        if depth > MOST_DEPTH:
            refuse(f"The model's configuration is nested more than {MOST_DEPTH} levels deep.", ADVICE)
        if isinstance(value, dict):
            layer = _name(value) or layer
            is_function = value.get("class_name") == "function"
            inner = ((name, held) for name, held in value.items() if not (is_function and name == "config"))
            waiting.extend((name, held, layer, depth + 1) for name, held in inner)
        elif isinstance(value, list):
            waiting.extend((key, held, layer, depth + 1) for held in value)
        yield key, value, layer


def _name(value: Config) -> str:
    """The name of a layer, if the value is one."""
    config = value.get("config")
    named = config.get("name") if isinstance(config, dict) else None
    named = named if isinstance(named, str) else value.get("name")
    return named if isinstance(named, str) and "class_name" in value else ""


def _check_class(value: Mapping[str, Any], layer: str) -> None:
    name, module = value["class_name"], value.get("module")
    if not isinstance(name, str) or not isinstance(module, str | None):
        damaged("The model's configuration")
    registered = value.get("registered_name")
    if name == "function":
        function = value.get("config")
        if not isinstance(function, str) or function not in ACTIVATIONS:
            _refuse_word("function", function, layer)
        if module is not None and module not in FUNCTION_MODULES:
            _refuse_origin(function, module, layer)
        if registered not in (None, "function", function):
            _refuse_origin(function, registered, layer)
        return
    kinds = [kind for kind in KINDS if name in kind.names]
    if not kinds:
        _refuse_class(name, layer)
    if module is not None and not any(module in kind.modules for kind in kinds):
        _refuse_origin(name, module, layer)
    if registered not in (None, name):
        _refuse_origin(name, registered, layer)


def _check_word(key: str, value: str, layer: str) -> None:
    if key == "class_name":
        return  # looked at with its object
    kind = key.rsplit("_", 1)[-1]
    if kind in WORDS and value not in WORDS[kind]:
        _refuse_word(kind if kind != "dtype" else "number type", value, layer)


def _refuse_class(name: str, layer: str) -> NoReturn:
    where = f" ('{bare(layer)}')" if layer else ""
    if name in CODE:
        refuse(f"The layer {name}{where} holds code of its own, which is never run here.", ADVICE)
    if name in READERS:
        refuse(
            f"The layer {name}{where} reads text or a vocabulary, which no model for a microcontroller does.", ADVICE
        )
    refuse(f"{bare(name)}{where} is not one of the built-in parts of Keras that are loaded here.", ADVICE)


def _refuse_origin(name: object, origin: object, layer: str) -> NoReturn:
    where = f" ('{bare(layer)}')" if layer else ""
    refuse(f"{bare(name)}{where} comes from '{bare(origin)}', which is code outside of Keras's built-in parts.", ADVICE)


def _refuse_word(kind: str, value: object, layer: str) -> NoReturn:
    where = f" of '{bare(layer)}'" if layer else ""
    refuse(f"The {kind} '{bare(value)}'{where} is not one of Keras's built-in ones.", ADVICE)
