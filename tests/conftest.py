"""Give every test exactly one kind, that of its folder, and choose between the quick and the nightly set.

Fixtures that only one kind of test needs live in that folder, not here.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import hypothesis
import pytest

TESTS = Path(__file__).parent
ROOT = TESTS.parent

hypothesis.settings.register_profile("quick", derandomize=True, deadline=None, print_blob=True)
hypothesis.settings.register_profile("nightly", max_examples=1000, deadline=None, print_blob=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--nightly",
        action="store_true",
        default=os.environ.get("LACSIM_NIGHTLY", "0") not in ("", "0"),
        help="run the nightly set as well (also LACSIM_NIGHTLY=1)",
    )


def pytest_configure(config: pytest.Config) -> None:
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as a shell leaves it to what it starts in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)
    is_nightly = config.getoption("--nightly")
    hypothesis.settings.load_profile("nightly" if is_nightly else "quick")
    if is_nightly and config.option.markexpr == "not nightly":
        config.option.markexpr = ""


@pytest.hookimpl(tryfirst=True)  # before pytest chooses by marker
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kinds = {line.partition(":")[0] for line in config.getini("markers")} - {"nightly"}
    for item in items:
        if not item.path.is_relative_to(TESTS):
            continue
        kind = item.path.relative_to(TESTS).parts[0]
        if kind not in kinds:
            known = ", ".join(sorted(entry for entry in kinds if (TESTS / entry).is_dir()))
            raise pytest.UsageError(
                f"{item.nodeid} has no kind: '{kind}' is not one. Move it to one of tests/: {known}"
            )
        item.add_marker(kind)


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return ROOT
