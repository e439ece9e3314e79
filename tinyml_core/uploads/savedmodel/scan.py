"""The operators that a stranger's SavedModel may hold: arithmetic on tensors, and nothing that reaches outside of it.

Everything that is not named here is refused, so an operator that TensorFlow adds tomorrow is refused until somebody has
looked at it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from tinyml_core.uploads.refusal import refused, shown

ARITHMETIC = """
Abs Acos Acosh Add AddN AddV2 All Any ApproximateEqual ArgMax ArgMin Asin Asinh Atan Atan2 Atanh BatchMatMul BatchMatMulV2
BatchMatMulV3 Betainc BiasAdd BiasAddV1 BitwiseAnd BitwiseOr BitwiseXor Bucketize Ceil ClipByValue Complex ComplexAbs Conj Cos
Cosh Cross Cumprod Cumsum CumulativeLogsumexp DenseBincount Bincount Digamma Div DivNoNan Einsum Equal Erf Erfc Erfinv
EuclideanNorm Exp Expm1 FFT FFT2D Floor FloorDiv FloorMod Greater GreaterEqual IFFT IFFT2D IRFFT IRFFT2D Igamma Igammac Imag Inv
InvGrad Invert IsFinite IsInf IsNan LeftShift Less LessEqual Lgamma LinSpace Log Log1p LogicalAnd LogicalNot LogicalOr MatMul Max
Maximum Mean Min Minimum Mod Mul MulNoNan Ndtri Neg NextAfter NotEqual Polygamma Pow Prod RFFT RFFT2D Range Real RealDiv
Reciprocal ReciprocalGrad RightShift Rint Round Rsqrt RsqrtGrad SegmentMax SegmentMean SegmentMin SegmentProd SegmentSum Select
SelectV2 Sigmoid SigmoidGrad Sign Sin Sinh Sqrt SqrtGrad Square SquaredDifference Sub Sum Tan Tanh TanhGrad TruncateDiv
TruncateMod UnsortedSegmentMax UnsortedSegmentMin UnsortedSegmentProd UnsortedSegmentSum Xdivy Xlog1py Xlogy Zeta L2Loss
"""

SHAPES = """
BatchToSpace BatchToSpaceND Bitcast BroadcastArgs BroadcastTo Cast Concat ConcatOffset ConcatV2 Const DeepCopy DepthToSpace
Diag DiagPart EnsureShape ExpandDims Fill Gather GatherNd GatherV2 GuaranteeConst Identity IdentityN InvertPermutation MatrixBandPart
MatrixDiag MatrixDiagPart MatrixDiagPartV2 MatrixDiagPartV3 MatrixDiagV2 MatrixDiagV3 MatrixSetDiag MatrixSetDiagV2
MatrixSetDiagV3 MatrixTranspose MirrorPad OneHot OnesLike Pack Pad PadV2 ParallelConcat Placeholder PlaceholderV2
PlaceholderWithDefault PreventGradient Rank Reshape Reverse ReverseSequence ReverseV2 ScatterNd Shape ShapeN Size Slice Snapshot
SpaceToBatch SpaceToBatchND SpaceToDepth Split SplitV Squeeze StopGradient StridedSlice StridedSliceGrad TensorScatterAdd
TensorScatterMax TensorScatterMin TensorScatterSub TensorScatterUpdate Tile TopK TopKV2 Transpose Unique UniqueV2 Unpack
UnravelIndex Where ZerosLike Roll SearchSorted LowerBound UpperBound InTopK InTopKV2 NonMaxSuppression NonMaxSuppressionV2
NonMaxSuppressionV3 NonMaxSuppressionV4 NonMaxSuppressionV5 CombinedNonMaxSuppression CheckNumerics CheckNumericsV2 Empty
"""

NETWORKS = """
AvgPool AvgPool3D AvgPoolGrad Conv Conv2D Conv2DBackpropFilter Conv2DBackpropInput Conv3D Conv3DBackpropInputV2
DepthwiseConv2dNative DepthwiseConv2dNativeBackpropFilter DepthwiseConv2dNativeBackpropInput Dilation2D Elu EluGrad
FakeQuantWithMinMaxArgs FakeQuantWithMinMaxVars FakeQuantWithMinMaxVarsPerChannel FusedBatchNorm FusedBatchNormV2
FusedBatchNormV3 FusedPadConv2D FusedResizeAndPadConv2D GRUBlockCell LRN LSTMBlockCell LeakyRelu LogSoftmax MaxPool MaxPool3D
MaxPoolV2 MaxPoolWithArgmax QuantizeAndDequantize QuantizeAndDequantizeV2 QuantizeAndDequantizeV3 QuantizeAndDequantizeV4
QuantizeV2 Dequantize Relu Relu6 ReluGrad Selu Softmax SoftmaxCrossEntropyWithLogits Softplus SoftplusGrad Softsign
SparseSoftmaxCrossEntropyWithLogits _FusedBatchNormEx _FusedConv2D _FusedMatMul CropAndResize ExtractImagePatches HSVToRGB RGBToHSV
AdjustContrastv2 AdjustHue AdjustSaturation ImageProjectiveTransformV2 ImageProjectiveTransformV3 ResizeArea ResizeBicubic
ResizeBilinear ResizeNearestNeighbor ScaleAndTranslate Mfcc AudioSpectrogram
"""

GRADIENTS = """
AvgPool3DGrad BiasAddGrad BroadcastGradientArgs Conv3DBackpropFilterV2 CudnnRNN CudnnRNNBackprop CudnnRNNBackpropV2
CudnnRNNBackpropV3 CudnnRNNCanonicalToParams CudnnRNNCanonicalToParamsV2 CudnnRNNParamsToCanonical CudnnRNNV2 CudnnRNNV3
FusedBatchNormGrad FusedBatchNormGradV2 FusedBatchNormGradV3 LeakyReluGrad MaxPoolGrad MaxPoolGradV2 MirrorPadGrad Relu6Grad
ResizeBilinearGrad ResizeNearestNeighborGrad SeluGrad SoftsignGrad ResourceApplyAdam ResourceApplyGradientDescent
"""
"""Keras writes the functions that train a recurrent layer into its SavedModels."""

CHANCE = """
Multinomial RandomGamma RandomPoissonV2 RandomShuffle RandomStandardNormal RandomUniform RandomUniformInt StatelessMultinomial
StatelessRandomGetAlg StatelessRandomGetKeyCounter StatelessRandomGetKeyCounterAlg StatelessRandomNormal StatelessRandomNormalV2
StatelessRandomUniform StatelessRandomUniformFullInt StatelessRandomUniformInt StatelessRandomUniformIntV2
StatelessRandomUniformV2 StatelessTruncatedNormal StatelessTruncatedNormalV2 TruncatedNormal
"""

CONTROL = """
Assert Case ControlTrigger Enter Exit If LoopCond Merge NextIteration NoOp PartitionedCall StatefulPartitionedCall StatelessCase
StatelessIf StatelessWhile Switch While _Arg _Retval SymbolicGradient EmptyTensorList TensorListConcat TensorListConcatV2
TensorListElementShape TensorListFromTensor TensorListGather TensorListGetItem TensorListLength TensorListPopBack
TensorListPushBack TensorListReserve TensorListResize TensorListScatter TensorListScatterIntoExistingList TensorListScatterV2
TensorListSetItem TensorListSplit TensorListStack TensorArrayCloseV3 TensorArrayConcatV3 TensorArrayGatherV3 TensorArrayReadV3
TensorArrayScatterV3 TensorArraySizeV3 TensorArraySplitV3 TensorArrayV3 TensorArrayWriteV3
"""

VARIABLES = """
Assign AssignAdd AssignAddVariableOp AssignSub AssignSubVariableOp AssignVariableOp DestroyResourceOp IsVariableInitialized
ReadVariableOp ResourceGather ResourceGatherNd ResourceScatterUpdate VarHandleOp VarIsInitializedOp Variable VariableShape
VariableV2 DisableCopyOnRead
"""

NAMES = """
ShardedFilename ShardedFilespec StaticRegexFullMatch StringJoin
"""
"""Work on the names of files, in the functions that save and restore; they open none."""

ALLOWED = frozenset(" ".join((ARITHMETIC, SHAPES, NETWORKS, GRADIENTS, CHANCE, CONTROL, VARIABLES, NAMES)).split())

SAVING = frozenset({"SaveV2", "Save", "SaveSlices", "MergeV2Checkpoints"})
"""Write files. What is needed only for saving is cut out of the graph before anything executes it."""

RESTORING = frozenset({"RestoreV2"})
"""Reads the variables. Allowed where the loader alone calls it, with the name of its own file."""

# ---- Looks through the graph of a stranger's SavedModel without loading it, and cuts out what saves files ----------


LARGEST_CONSTANT_BYTES = 256 * 1024**2
ADVICE = "Give the trained network alone, exported from Keras with model.export, or the .keras or .tflite file."


def scanned(content: bytes) -> Any:
    """The parsed `SavedModel`, its operators all on the list of plain ones, what saves cut out.

    Needs TensorFlow, for the form of the file alone.

    Raises:
        Expected: It is damaged, or does something that a network does not; the operator is named.
    """
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    from tensorflow.core.protobuf import saved_model_pb2

    saved = saved_model_pb2.SavedModel()
    try:
        saved.ParseFromString(content)
    except (DecodeError, RecursionError) as error:
        raise refused("The saved_model.pb of the zip is damaged.", "Export the model again.", str(error)) from error
    if len(saved.meta_graphs) != 1:
        raise refused(
            f"The SavedModel holds {len(saved.meta_graphs)} graphs; exactly one is taken.",
            "Export it with the tag “serve” alone.",
        )
    graph = saved.meta_graphs[0]
    _check_objects(graph)
    _check_functions(graph)
    _cut_saving(graph)
    functions = {function.signature.name for function in graph.graph_def.library.function}
    strange = sorted({node.op for node in _nodes(graph)} - ALLOWED - functions - _restoring(graph))
    if strange:
        more = f" and {len(strange) - 5} more" if len(strange) > 5 else ""
        raise refused(
            f"The SavedModel uses {', '.join(shown(name, 40) for name in strange[:5])}{more}, not on the list of "
            "operators that only compute; others may reach files, the network, or other programs.",
            ADVICE,
        )
    _check_constants(_nodes(graph))
    return saved


def _nodes(graph: Any) -> Iterator[Any]:
    """Every operator of the graph and of its functions."""
    yield from graph.graph_def.node
    for function in graph.graph_def.library.function:
        yield from function.node_def


def _restoring(graph: Any) -> frozenset[str]:
    """Operators that read the variables, if nothing but the loader can call them, with the name of its own file."""
    saver, library = graph.saver_def, graph.graph_def.library
    file_name, restore = saver.filename_tensor_name.split(":")[0], saver.restore_op_name
    within = {each.signature.name: each for each in library.function if _ops(each.node_def) & RESTORING}
    for function in within.values():
        sources = {node.input[0] for node in function.node_def if node.op in RESTORING and node.input}
        if sources - {argument.name for argument in function.signature.input_arg[:1]}:
            return frozenset()
    outside = [node for each in library.function if each.signature.name not in within for node in each.node_def]
    outside += [node for node in graph.graph_def.node if node.name != restore and node.op not in RESTORING]
    called = {name for node in outside for name in _called(node)} | {*graph.object_graph_def.concrete_functions}
    callers = [node for node in graph.graph_def.node if node.op in RESTORING or _called(node) & within.keys()]
    named = all(node.input and node.input[0].split(":")[0] == file_name for node in callers)
    return RESTORING if named and not called & within.keys() else frozenset()


def _ops(nodes: Iterable[Any]) -> set[str]:
    return {node.op for node in nodes}


def _cut_saving(graph: Any) -> None:
    """Remove the functions that save and what calls them; whatever still needs one of them makes the graph refused."""
    graph.meta_info_def.ClearField("stripped_op_list")  # a list of the operators used, for loaders of old versions
    library = graph.graph_def.library
    cut = {each.signature.name for each in library.function if _ops(each.node_def) & SAVING}
    for function in [each for each in library.function if each.signature.name in cut]:
        library.function.remove(function)
    removed = {node.name for node in graph.graph_def.node if node.op in SAVING or _called(node) & cut}
    # In graphs of TensorFlow 1 the name of the saved file passes through an Identity behind the operator that saves.
    removed.add(graph.saver_def.save_tensor_name.split(":")[0])
    for node in [each for each in graph.graph_def.node if each.name in removed]:
        graph.graph_def.node.remove(node)
    left = {name.lstrip("^").split(":")[0] for node in graph.graph_def.node for name in node.input}
    called = {name for node in _nodes(graph) for name in _called(node)}
    known = {*graph.object_graph_def.concrete_functions}
    if left & (removed - {""}) or called & cut or known & cut:
        raise refused("The SavedModel writes files while it computes (SaveV2).", ADVICE)


def _called(node: Any) -> set[str]:
    """Names of the functions that an operator is given."""
    named = {node.op}
    for value in node.attr.values():
        named.update([value.func.name, *(each.name for each in value.list.func)])
    return named


def _check_objects(graph: Any) -> None:
    """Refuse what belongs to a SavedModel beside its graph: files, tables, classes that revive themselves."""
    if graph.asset_file_def or any(node.HasField("asset") for node in graph.object_graph_def.nodes):
        raise refused("The SavedModel brings files of its own (assets), such as a vocabulary.", ADVICE)
    for node in graph.object_graph_def.nodes:
        if node.HasField("resource"):
            raise refused("The SavedModel holds a table or an iterator, which a plain network does not have.", ADVICE)
        if node.registered_name or node.registered_saver:
            name = shown(node.registered_name or node.registered_saver)
            raise refused(f"The SavedModel holds an object of the registered class {name}.", ADVICE)


def _check_functions(graph: Any) -> None:
    """Refuse functions that call themselves like an operator, so that one could pass for the other."""
    from tensorflow.python.framework import op_def_registry

    for function in graph.graph_def.library.function:
        name = function.signature.name
        if op_def_registry.get(name) is not None:
            raise refused(
                f"A function of the SavedModel bears the name of TensorFlow's operator {shown(name)}.", ADVICE
            )


def _check_constants(nodes: Iterable[Any]) -> None:
    """Refuse constants that say in few bytes that they are huge."""
    from tensorflow.dtypes import as_dtype

    for node in nodes:
        tensors = [value.tensor for value in node.attr.values() if value.HasField("tensor")]
        for tensor in tensors:
            elements = math.prod(max(0, axis.size) for axis in tensor.tensor_shape.dim)
            try:
                each = as_dtype(tensor.dtype).size or 1
            except (TypeError, KeyError):
                each = 16
            if elements * each > LARGEST_CONSTANT_BYTES:
                raise refused(f"A constant of the SavedModel states a size of {elements:,} numbers.", ADVICE)
