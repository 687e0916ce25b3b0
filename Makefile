# Needs a Rust toolchain, a C compiler, git and Python 3.

CARGO ?= cargo
PYTHON ?= python3

.PHONY: build test lint golden demo install clean

build:
	$(CARGO) build --release --locked

# Every test: the binary on real files, the prompt under a pseudo-terminal,
# live keys on a KMS of our own on loopback, the properties; and the build that
# has no live keys.
test: .venv
	$(CARGO) test --locked
	$(CARGO) test --locked --no-default-features --test without_keys --test golden

# The KMS that tests talk to. Each test binary starts its own, and it ends with
# that binary.
.venv: tests/requirements.txt
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch .venv

lint:
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	$(CARGO) clippy --locked --all-targets --no-default-features -- -D warnings

# Writes the golden files anew; read the difference before committing it.
golden:
	UPDATE_GOLDEN=1 $(CARGO) test --locked --test golden
	git --no-pager diff --stat -- testdata

# The main job on a copy of testdata/key-policy.json; asks on a terminal.
demo:
	@mkdir -p target/demo && cp testdata/key-policy.json target/demo/
	$(CARGO) run --quiet --locked -- add-account 222222222222 target/demo/key-policy.json $(if $(shell test -t 0 && echo terminal),,--yes)

install:
	$(CARGO) install --locked --path .

clean:
	$(CARGO) clean
	rm -rf .venv
