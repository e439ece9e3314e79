"""Made-up inputs for models that come without data: they calibrate, and nothing can be learned or scored from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinyml_core.dataset import Arrays
from tinyml_core.model import Model

if TYPE_CHECKING:
    import numpy as np

SEED = 1


def made_up_inputs(model: Model, samples: int) -> Arrays:
    """Inputs drawn evenly from the range that the model states; all are for calibration, none is held out.

    The seed is fixed and so is the stream of NumPy's `RandomState`: the same inputs on every machine, and more samples
    begin with those that fewer samples hold.
    """
    import numpy as np

    low, high = model.input_range
    random = np.random.RandomState(SEED)
    x: np.ndarray = random.uniform(low, high, size=(samples, *model.input_shape)).astype(np.float32)
    nothing = np.zeros(0, dtype=np.int64)
    return Arrays(x=x, y=nothing, train=np.arange(samples), test=nothing, x_scale=1.0)
