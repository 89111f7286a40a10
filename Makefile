# The commands of this repository. `make help` lists them.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
EXTRAS ?= local,mcp,openai,anthropic,google,postgres,dbos,confidence,scope,languages,serve,oidc

BENCHMARKS := $(shell grep -oE '^bench-[a-z-]+:' $(MAKEFILE_LIST) | tr -d :)

.PHONY: help demo test lint docs screenshots clean bench $(BENCHMARKS)

help: ## List the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[$(EXTRAS)]' --group test --group lint
	@touch $@

demo: $(STAMP) ## Run a real agent with a real model on a real inbox
	$(BIN)/remit demo

# The rooms that read or write the log; the others do not know where it lies.
ON_POSTGRES := tests/store tests/log tests/loop tests/dispatch tests/app tests/handover tests/cli

test: $(STAMP) ## Run the tests, with logs in files and on Postgres
	$(BIN)/python -m pytest -n 2 --dist worksteal
	$(BIN)/python -m pytest -n 2 --dist worksteal --store postgres $(ON_POSTGRES)

lint: $(STAMP) ## Check layers, style and types
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/hadolint deploy/Dockerfile deploy/Dockerfile.agents
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec deploy/compose.yaml
	$(BIN)/kubernetes-validate --quiet --strict deploy/kubernetes/*.yaml

docs: $(STAMP) ## Write the reference pages that are printed from the code
	$(BIN)/python docs/write_reference.py

screenshots: $(STAMP) ## Take the pictures of the documentation anew
	$(BIN)/python tests/console/browser/write_screenshots.py

$(VENV)/.peers: $(STAMP) benchmarks/requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement benchmarks/requirements.txt
	@touch $@

bench: $(BENCHMARKS) ## Run every benchmark

bench-overhead: $(VENV)/.peers ## CPU per run against LangChain, OpenAI Agents SDK and Pydantic AI
	$(BIN)/python benchmarks/overhead.py

bench-durable: $(VENV)/.peers ## Durable runs against LangGraph with its SQLite saver
	$(BIN)/python benchmarks/durable.py

bench-repair: $(STAMP) ## Recorded completions through validation and repair
	$(BIN)/python benchmarks/repair.py

bench-crash: $(STAMP) ## 200 kill -9 at random moments
	$(BIN)/python benchmarks/crash.py

bench-engines: $(VENV)/.peers ## The eight-step run on Remit, DBOS, LangGraph and Temporal
	$(BIN)/python benchmarks/engines.py

bench-scaling: $(VENV)/.peers ## What 1, 2 and 4 worker processes do on one Postgres
	$(BIN)/python benchmarks/scaling.py

bench-chaos: $(VENV)/.peers ## 300 faults on three workers over Postgres, then on two over SQLite
	$(BIN)/python benchmarks/chaos.py
	$(BIN)/python benchmarks/chaos.py --store sqlite

bench-soak: $(VENV)/.peers ## Thirty minutes of mixed load
	$(BIN)/python benchmarks/soak.py

bench-permit: $(STAMP) ## A permit with 200 KB read and 40 templates
	$(BIN)/python benchmarks/permit.py

bench-mutation: $(STAMP) ## The permit's rules and a remit, each broken on purpose
	$(BIN)/python benchmarks/mutation.py

bench-api: $(STAMP) ## What the HTTP API adds to a run, and 200 open streams
	$(BIN)/python benchmarks/api.py

bench-injection-text: $(STAMP) ## How much of public injection texts the screen notices
	$(BIN)/python benchmarks/injection_text.py

bench-log: $(VENV)/.peers ## Steps, lists and scans on a log of a million runs
	$(BIN)/python benchmarks/log_million.py

bench-console: $(VENV)/.peers ## The console over a million runs at twenty requests a second
	$(BIN)/python benchmarks/console.py

bench-serve: $(VENV)/.peers ## The first page of `remit serve`, and its memory, beside `adk web`
	$(BIN)/python benchmarks/serve.py

bench-scope: $(STAMP) ## The scope gate on public intents and out-of-scope inputs
	$(BIN)/python benchmarks/scope.py

bench-size: $(STAMP) ## Size of a core install and cost of `remit --help`
	$(BIN)/python benchmarks/install_size.py

bench-simulate: $(STAMP) ## A million seeded schedules of faults on simulated time
	$(BIN)/python benchmarks/simulate.py

bench-confidence: $(STAMP) ## The promise of confidence on clinc150 and frugalml_yelp
	$(BIN)/python benchmarks/confidence.py

$(VENV)/.agentdojo: $(STAMP) benchmarks/requirements-agentdojo.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement benchmarks/requirements-agentdojo.txt
	@touch $@

bench-agentdojo: $(VENV)/.agentdojo ## A hijacked agent on all pairs of AgentDojo v1.2.2
	$(BIN)/python benchmarks/dojo.py

bench-tau2: $(STAMP) ## tau2 retail's actions through permits made from its policy
	$(BIN)/python benchmarks/tau2.py

clean: ## Remove what was installed and measured here
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis
