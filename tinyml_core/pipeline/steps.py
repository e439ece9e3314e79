"""Every step that workers can do: what does it, what it gives, where it is done, and which libraries can change it.

Functions and types are named as text: who only asks, a page server for instance, loads none of what workers need.
"""

from __future__ import annotations

from tinyml_core.pipeline.graph import GIGABYTE, Step

LITERT = ("ai-edge-litert", "numpy")
TFLM = (*LITERT, "tflite-micro")
QUANTIZER = (*LITERT, "litert-quantizer")
TENSORFLOW = ("tensorflow", "tf_keras", "tensorflow-model-optimization", "numpy")
HOUR_S = 3600.0
CORE = "tinyml_core"

# fmt: off
# ---- bringing what is needed --------------------------------------------------------------------------------------

FETCH = Step("fetch", f"{CORE}.zoo.fetch:fetch", pool="network", memory_limit_bytes=GIGABYTE // 2,
             time_limit_s=4 * HOUR_S, keep=False)
LOAD = Step("load_dataset", f"{CORE}.zoo.fetch:load", says="loading the data set", libraries=("numpy",))
SAMPLES = Step("samples", f"{CORE}.analysis.samples:samples", f"{CORE}.analysis.samples:Samples",
               says="picking samples", libraries=("numpy", "pillow"))
READ_TFLITE = Step("read_model", f"{CORE}.uploads.reading:read_model", f"{CORE}.domain.brought:ModelFacts",
                   libraries=TFLM, time_limit_s=60)
READ_MODEL = Step("read_model", f"{CORE}.uploads.reading:read_model", f"{CORE}.domain.brought:ModelFacts",
                  pool="tensorflow", libraries=(*TFLM, *TENSORFLOW, "keras", "h5py"), memory_limit_bytes=4 * GIGABYTE,
                  time_limit_s=300)
READ_DATA = Step("read_data", f"{CORE}.uploads.data.read:read_data", f"{CORE}.domain.brought:DataFacts",
                 libraries=("numpy", "pillow", "pandas"), time_limit_s=120)

# ---- making a .tflite --------------------------------------------------------------------------------------------

TRAINING_FACTS = f"{CORE}.domain.outcome:TrainingFacts"
# Neither is kept: the point of the first is to make it anew; what the second is for lies in the person's folder then.
TRAIN = Step("train", f"{CORE}.compress.zoo_training:train", pool="tensorflow", libraries=TENSORFLOW,
             memory_limit_bytes=6 * GIGABYTE, keep=False, priority=1)
TRAIN_HERE = Step("train_here", f"{CORE}.compress.zoo_training:train_here", pool="tensorflow", libraries=TENSORFLOW,
                  memory_limit_bytes=6 * GIGABYTE, keep=False, priority=1)
EXPORT = Step("export", f"{CORE}.compress.making:export", pool="tensorflow", libraries=TENSORFLOW,
              memory_limit_bytes=4 * GIGABYTE)
TRAIN_ON = Step("train_on", f"{CORE}.compress.making:train_on", TRAINING_FACTS, pool="tensorflow", libraries=TENSORFLOW,
                memory_limit_bytes=6 * GIGABYTE, priority=1, hands_on={"weights": "before"})
CONVERT = Step("convert_variant", f"{CORE}.compress.making:convert_variant", TRAINING_FACTS, pool="tensorflow",
               libraries=TENSORFLOW, memory_limit_bytes=6 * GIGABYTE, hands_on={"saved_model": "training"})
# Not before scoring: rows that are made are scored first, so that they appear one by one.
REQUANTIZE = Step("requantize", f"{CORE}.compress.making:requantize", TRAINING_FACTS, says="quantizing",
                  libraries=QUANTIZER, priority=1, hands_on={"tflite": "training"})
PACK = Step("pack", f"{CORE}.measure.packed:pack", TRAINING_FACTS, says="packing", libraries=TFLM,
            hands_on={"tflite": "training"})

# ---- measuring it ------------------------------------------------------------------------------------------------

INSPECT = Step("inspect", f"{CORE}.measure.inspect_file:inspect_file", f"{CORE}.domain.inspection:Inspection",
               says="reading the file", libraries=LITERT)
SCORE = Step("score", f"{CORE}.measure.score:score", f"{CORE}.domain.outcome:Score", says="scoring on LiteRT",
             libraries=LITERT)
SCORE_ON_TFLM = Step("score", f"{CORE}.measure.packed:score_on_tflm", f"{CORE}.domain.outcome:Score",
                     says="scoring on TFLM", libraries=TFLM)
# Last: sizes and scores of all variants are told first, because executing on TFLM takes longest.
MICRO = Step("micro", f"{CORE}.measure.tflm:micro", f"{CORE}.domain.outcome:Micro", says="executing on TFLM",
             libraries=TFLM, priority=2)
LATENCY = Step("latency", f"{CORE}.measure.litert:host_latency", f"{CORE}.domain.outcome:Latency",
               says="timing on this computer", pool="quiet", libraries=LITERT)
NPU = Step("npu", f"{CORE}.measure.npu:npu", f"{CORE}.domain.outcome:NpuEstimate", says="compiling for the NPU",
           libraries=(*LITERT, "ethos-u-vela"))
SIMILARITY = Step("similarity", f"{CORE}.measure.similarity:similarity", f"{CORE}.domain.outcome:Similarity",
                says="comparing answers with float32's", libraries=LITERT)

# ---- looking inside ----------------------------------------------------------------------------------------------

ANATOMY = Step("anatomy", f"{CORE}.analysis.anatomy:anatomy", f"{CORE}.analysis.anatomy:Anatomy",
               says="reading the file", libraries=LITERT)
WEIGHTS = Step("weight_values", f"{CORE}.analysis.weights:weight_values", f"{CORE}.analysis.weights:Weights",
               says="reading the weights", libraries=LITERT)
LAYER_ERRORS = Step("layer_errors", f"{CORE}.analysis.layer_errors:where_errors_enter",
                    f"{CORE}.analysis.layer_errors:LayerErrors", says="comparing layer by layer", libraries=LITERT)
PREDICTIONS = Step("predictions", f"{CORE}.analysis.predictions:predictions",
                   f"{CORE}.analysis.predictions:Predictions", says="answering the held-out samples", libraries=(*TFLM, "pillow"))
# What one input gives is not worth a place in the store.
TRY_ONE = Step("try_one", f"{CORE}.analysis.try_one:try_input", f"{CORE}.analysis.try_one:Tried",
               says="running one input", libraries=(*TFLM, "pillow"), keep=False)
FEW_BITS = Step("few_bits", f"{CORE}.analysis.few_bits:few_bits", f"{CORE}.analysis.few_bits:FewBits", libraries=LITERT)
RANK_LAYERS = Step("rank_layers", f"{CORE}.compress.mixed_precision:rank_on",
                   f"{CORE}.compress.mixed_precision:Ranking", says="quantizing each layer alone", libraries=QUANTIZER)

# ---- before anybody waits ----------------------------------------------------------------------------------------

WARM_UP = Step("warm_up", f"{CORE}.compress.making:warm_up", pool="tensorflow", memory_limit_bytes=4 * GIGABYTE,
               keep=False)
LOAD_RUNTIMES = Step("load_runtimes", f"{CORE}.measure.tflm:load_runtimes",
                     says="loading LiteRT, its quantizer and TFLM", keep=False)
# fmt: on

STEPS = tuple(value for value in list(globals().values()) if isinstance(value, Step))
"""All of them."""
