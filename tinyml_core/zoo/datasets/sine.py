"""One period of a sine with a little noise, as in TensorFlow Lite Micro's hello-world example."""

from tinyml_core.domain.dataset import Arrays, Dataset, Task


def load(folder: str | None) -> Arrays:
    """4,000 points: angles from 0 to 2 pi, targets sin(x) plus noise of 0.1 while training, 1,000 clean ones to test."""
    import numpy as np

    random = np.random.RandomState(1)
    x = random.uniform(0, 2 * np.pi, size=(4000, 1)).astype(np.float32)
    y = np.sin(x)
    y[:3000] += 0.1 * random.randn(3000, 1)
    return Arrays(x=x, y=y.astype(np.float32), train=np.arange(3000), test=np.arange(3000, 4000), x_scale=1.0)


DATASET = Dataset(
    name="sine", title="Sine, computed", task=Task.REGRESSION, input_shape=(1,), classes=None,
    kind_of_sample="number", samples_train=3000, samples_test=1000,
    split="3,000 noisy points train and calibrate; 1,000 other points without noise are held out.",
    licence="none needed: the numbers are computed",
    source="Computed: y = sin(x), uniform angles, Gaussian noise of 0.1 on the training points",
    source_url="https://github.com/tensorflow/tflite-micro/tree/main/tensorflow/lite/micro/examples/hello_world",
    answer_tolerance=0.02, load=load,
)  # fmt: skip
