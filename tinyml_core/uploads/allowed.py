"""What a brought Keras model may consist of: plain built-in parts, which hold numbers and no code, and read no file.

An allow-list: what is not on it is refused, so that a class that a later Keras adds is refused until somebody has read it.
Losses, metrics and optimizers are on no list because nothing of them is ever loaded.
"""

from __future__ import annotations

from dataclasses import dataclass


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
