# make install   an environment in .venv, the detectors' files, ONVIF's schemas, other people's ONVIF clients for tests
# make demo      the product at work on a drawn camera; SECONDS=n ends it, checks it and prints a JSON summary
# make custody-demo  the story of an original, from recording over requests and exports to its purge; OUT=folder
# make test      the tests; PYTEST='-k name' chooses some
# make check     style, types and the layers
# make bench     CPU a picture beside a floor, and what custody costs; CLIP=file QUICK=1 JSON=file
# make faults    faults at random until so many pictures are judged; FRAMES=n SEED=n
# make fuzz      spoilt SOAP, HTTP, RTSP and discovery messages to a virtual device; N=n SEED=n
# make sweep     recorder and purge killed at so many write points, and on a full disk; POINTS=n SEED=n
# make interop   every ONVIF client and player of others against a running site
# make train-plates  train the plate detector; DATA=folder STEPS=n OUT=folder RESUME=1
# make clean     remove what these made; recordings stay

.DEFAULT_GOAL := install
.PHONY: install weights schemas demo custody-demo test check bench faults fuzz sweep interop train-plates clean tools

VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
CLIENTS := .clients/.installed
TRAIN_VENV := .venv-train
TRAINED := $(TRAIN_VENV)/.installed
DATA ?= ../shared/train/plates
STEPS ?= 9500
FRAMES ?= 10000
N ?= 200000
POINTS ?= 200

install: $(INSTALLED) weights schemas $(CLIENTS)

$(PY):
	@sh tools/venv.sh $(VENV)

$(INSTALLED): $(PY) pyproject.toml constraints.txt
	$(PY) -m pip install --disable-pip-version-check -q -c constraints.txt -e '.[dev]'
	@touch $@

# Always looked at, for each file's SHA-256 is checked; only what is missing or altered is fetched.
weights: $(INSTALLED)
	@$(PY) -m models.fetch

schemas: $(INSTALLED)
	@$(PY) -m onvif_server.schemas

# Not needed to run: a client that cannot be had here is named, and its tests are skipped.
$(CLIENTS): tests/clients/clients.py $(INSTALLED)
	@mkdir -p .clients
	@if $(PY) tests/clients/clients.py install; then touch $@; else \
		echo 'Some ONVIF clients are absent; their tests will be skipped.'; fi

custody-demo: install tools
	@$(PY) -m vcam.demo.story $(if $(OUT),--out '$(OUT)')

demo: install
	@$(PY) -m vcam.cli demo $(if $(SECONDS),--seconds $(SECONDS))

tools: $(INSTALLED)
	@sh tools/system.sh
	@sh tools/torch.sh $(VENV)

test: install tools
	@sh tools/test.sh $(PY) $(PYTEST)

check: $(INSTALLED)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

bench: install
	@$(PY) -m bench $(if $(CLIP),--clip '$(CLIP)') $(if $(QUICK),--quick) $(if $(JSON),--json '$(JSON)')
	@$(PY) -m bench.custody $(if $(QUICK),--rows 48000)

faults: install
	@$(PY) tests/faults/faults.py --frames $(FRAMES) $(if $(SEED),--seed $(SEED))

fuzz: $(INSTALLED) schemas
	@$(PY) tests/fuzz/fuzz.py --cases $(N) $(if $(SEED),--seed $(SEED))

sweep: $(INSTALLED)
	@$(PY) tests/sweep/sweep.py --points $(POINTS) $(if $(SEED),--seed $(SEED))

interop: install tools
	@$(PY) tests/interop/interop.py

# PyTorch is heavy and only needed here, so it has an environment of its own.
$(TRAINED): $(PY) constraints.txt
	$(PY) -m venv $(TRAIN_VENV)
	$(TRAIN_VENV)/bin/python -m pip install --disable-pip-version-check -q -c constraints.txt \
		torch numpy opencv-python-headless
	@touch $@

train-plates: $(TRAINED)
	$(TRAIN_VENV)/bin/python -m models.train --data '$(DATA)' --out '$(or $(OUT),build/plates)' --steps $(STEPS) \
		$(if $(RESUME),--resume)

clean:
	rm -rf $(VENV) $(TRAIN_VENV) .clients models/weights onvif_server/schemas build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
