# Needs a Rust toolchain, a C compiler (for the linker) and git.

CARGO ?= cargo

.PHONY: build test lint golden demo install clean

build:
	$(CARGO) build --release --locked

# Every test: the binary on real files, the prompt under a pseudo-terminal,
# the properties.
test:
	$(CARGO) test --locked

lint:
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings

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
