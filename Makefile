# Needs a Rust toolchain, a C compiler, git, Python 3, and for the tests strace
# and util-linux.

CARGO ?= cargo
PYTHON ?= python3
PREFIX ?= /usr/local
TOOLS := $(CURDIR)/target/tools/bin
cargo-deny_VERSION := 0.20.2
cargo-fuzz_VERSION := 0.13.2
cargo-machete_VERSION := 0.9.2

.PHONY: build test lint advisories torture fuzz bench golden picture demo install clean

# On Linux `ctpolicy` is linked statically if the C library is there for it: it
# starts faster. `make STATIC=` links as usual. The other program is not: it
# looks up names, for which glibc loads more at run time.
STATIC = $(shell mkdir -p target && echo 'int main(void) { return 0; }' | \
	$(CC) -static -x c -o target/static - 2> /dev/null && \
	echo -C target-feature=+crt-static)
build:
	$(CARGO) rustc --release --locked --bin ctpolicy -- $(STATIC)
	$(CARGO) build --release --locked --bin ctpolicy-kms

# Every test: the binary on real files, the prompt under a pseudo-terminal,
# live keys on a KMS of our own on loopback, the properties.
test: .venv
	@command -v strace > /dev/null || { echo "make test needs strace: apt-get install strace" >&2; exit 1; }
	$(CARGO) test --locked

# The KMS that tests talk to. Each test binary starts its own, and it ends with
# that binary.
.venv: tests/requirements.txt
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch .venv

lint: $(TOOLS)/cargo-deny $(TOOLS)/cargo-machete
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	$(CARGO) clippy --locked --all-targets --no-default-features -- -D warnings
	$(TOOLS)/cargo-deny deny --all-features check --hide-inclusion-graph licenses bans sources
	$(TOOLS)/cargo-machete
	@if timeout 60 $(TOOLS)/cargo-deny deny fetch db 2> /dev/null; then \
		$(MAKE) --no-print-directory advisories; \
	else \
		echo "the advisory database is out of reach: known faults of the dependencies are not looked for" >&2; \
	fi

# Known faults of the dependencies, by a database from the network.
advisories: $(TOOLS)/cargo-deny
	$(TOOLS)/cargo-deny deny --all-features check advisories

# The long form of tests/torture.rs and tests/live_puts.rs, with their counts.
torture: .venv
	CTPOLICY_TORTURE=full $(CARGO) test --locked --test torture --test live_puts -- --nocapture --test-threads 1

# Each target for SECONDS on the committed corpus. What is found there is kept
# out of it; only what is worth it goes in, by hand.
SECONDS ?= 600
fuzz: $(TOOLS)/cargo-fuzz
	for target in any_bytes structured; do \
		mkdir -p fuzz/target/found/$$target && \
		RUSTC_BOOTSTRAP=1 PATH="$(TOOLS):$$PATH" $(CARGO) fuzz run $$target \
			fuzz/target/found/$$target fuzz/corpus/$$target -- \
			-max_total_time=$(SECONDS) -timeout=20 -print_final_stats=1 || exit 1; \
	done

# Programs of the crate registry that only the checks need; built without
# optimisation, since they run once.
$(TOOLS)/%:
	CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off \
	CARGO_PROFILE_RELEASE_CODEGEN_UNITS=64 \
		$(CARGO) install --locked --quiet --root $(CURDIR)/target/tools --version $($*_VERSION) $*

# Writes the golden files anew; read the difference before committing it.
golden:
	UPDATE_GOLDEN=1 $(CARGO) test --locked --test golden
	git --no-pager diff --stat -- testdata

# The binary beside jq, yq, Python and a program that parses nothing, into
# benches/RESULTS.md; some minutes. `make bench SECTIONS=one` runs a part, and
# writes nothing. Needs jq and /usr/bin/time.
bench: build
	$(CARGO) build --release --locked --no-default-features --bin ctpolicy --target-dir target/dynamic
	rustc -C opt-level=3 -C strip=symbols --edition 2024 $(STATIC) -o target/floor benches/floor.rs
	$(PYTHON) benches/run.py $(SECTIONS)

# The main job on a copy of testdata/key-policy.json; asks on a terminal.
demo:
	@mkdir -p target/demo && cp testdata/key-policy.json target/demo/
	$(CARGO) run --quiet --locked -- add-account 222222222222 target/demo/key-policy.json $(if $(shell test -t 0 && echo terminal),,--yes)

# The picture in the README, from the real output.
picture:
	UPDATE_GOLDEN=1 $(CARGO) test --locked --test picture

# The programs, the manual pages and the completions. It builds nothing, since
# whoever may write there often has no toolchain.
COMMANDS := add-account check list-accounts remove-account sync-accounts restore completions man
BINARY = target/release/ctpolicy
SHARE = $(DESTDIR)$(PREFIX)/share
install:
	@test -x $(BINARY) -a -x $(BINARY)-kms || { echo "nothing is built yet: run make first" >&2; exit 1; }
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(BINARY) $(BINARY)-kms $(DESTDIR)$(PREFIX)/bin
	install -d $(SHARE)/man/man1 $(SHARE)/bash-completion/completions \
		$(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d
	set -e; for page in "" $(COMMANDS); do \
		$(BINARY) man $$page | \
			install -m 644 /dev/stdin $(SHARE)/man/man1/ctpolicy$${page:+-$$page}.1; \
	done
	$(BINARY) completions bash | install -m 644 /dev/stdin $(SHARE)/bash-completion/completions/ctpolicy
	$(BINARY) completions zsh | install -m 644 /dev/stdin $(SHARE)/zsh/site-functions/_ctpolicy
	$(BINARY) completions fish | install -m 644 /dev/stdin $(SHARE)/fish/vendor_completions.d/ctpolicy.fish

clean:
	$(CARGO) clean
	rm -rf .venv
