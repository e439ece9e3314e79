"""The operators that a stranger's SavedModel may hold: arithmetic on tensors, and nothing that reaches outside of it.

Everything that is not named here is refused, so an operator that TensorFlow adds tomorrow is refused until somebody has
looked at it.
"""

from __future__ import annotations

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
