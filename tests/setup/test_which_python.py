"""Which Python runs lacsim: this one, ours, or none with a reason. Nothing is installed here."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from lacsim import __main__, __version__, _bootstrap
from lacsim._bootstrap import SWITCH, in_someone_elses, interpreter, lacking, refuse_if_incomplete
from lacsim._environment import Checkout
from lacsim.errors import SetupError


@pytest.fixture
def plain_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this Python look as if it belonged to no environment."""
    monkeypatch.delenv(SWITCH, raising=False)
    monkeypatch.setattr("sys.prefix", sys.base_prefix)
    monkeypatch.setattr(_bootstrap, "in_someone_elses", lambda: False)


@pytest.fixture
def has_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this Python look complete."""
    monkeypatch.setattr(_bootstrap, "lacking", lambda checkout, *, extra=None: [])


@pytest.mark.usefixtures("plain_python")
def test_a_plain_python_that_lacks_packages_sets_up_our_environment(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    monkeypatch.setattr(_bootstrap, "set_up", lambda checkout, *, install: made.append(checkout))
    assert interpreter(checkout) == checkout.python
    assert made == [checkout]


@pytest.mark.usefixtures("plain_python", "has_everything")
def test_a_plain_python_that_has_every_package_is_used_as_it_is(checkout: Checkout) -> None:
    assert interpreter(checkout) is None
    assert not checkout.environment.exists()


@pytest.mark.usefixtures("plain_python")
def test_a_package_that_was_installed_without_its_checkout_sets_nothing_up(tmp_path: Path) -> None:
    assert interpreter(Checkout(tmp_path)) is None


def test_an_environment_someone_else_made_is_refused_when_incomplete_and_never_changed(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_bootstrap, "in_someone_elses", lambda: True)
    with pytest.raises(SetupError, match=r"lacks lacsim-stub\. Fix: python -m pip install -e \.$"):
        interpreter(checkout)
    assert not checkout.environment.exists()


@pytest.mark.usefixtures("has_everything")
def test_an_environment_someone_else_made_is_used_when_complete(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_bootstrap, "in_someone_elses", lambda: True)
    assert interpreter(checkout) is None


@pytest.mark.usefixtures("plain_python")
def test_a_folder_named_like_ours_that_someone_else_made_is_used_and_never_changed(
    checkout: Checkout,
) -> None:
    checkout.python.parent.mkdir(parents=True)
    checkout.python.write_text("someone's", "utf-8")
    before = sorted(checkout.environment.rglob("*"))
    assert interpreter(checkout) == checkout.python
    assert sorted(checkout.environment.rglob("*")) == before


@pytest.mark.usefixtures("plain_python")
def test_a_folder_named_like_ours_without_a_python_is_refused(checkout: Checkout) -> None:
    checkout.environment.mkdir()
    (checkout.environment / "notes.txt").write_text("mine", "utf-8")
    with pytest.raises(SetupError, match="was not made by lacsim and has no Python in it. Move it away"):
        interpreter(checkout)


@pytest.mark.usefixtures("plain_python")
def test_the_switch_stops_the_set_up_and_the_gaps_are_named(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SWITCH, "1")
    with pytest.raises(SetupError, match="lacks lacsim-stub"):
        interpreter(checkout)
    assert not checkout.environment.exists()


def test_the_test_command_asks_for_the_test_tools_too(checkout: Checkout) -> None:
    with pytest.raises(SetupError, match=r'lacks lacsim-stub, lacsim-stub-tests\. .* -e "\.\[test\]"'):
        refuse_if_incomplete(checkout, extra="test")


def test_a_package_that_is_too_old_is_named_with_what_is_needed(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: "0.9.12rc1")
    assert lacking(checkout) == ["lacsim-stub 1.0 or newer (it has 0.9.12rc1)"]


@pytest.mark.parametrize(("version", "is_enough"), [("1.0", True), ("1.0.0", True), ("1.10", True), ("0.10", False)])
def test_versions_are_compared_as_numbers(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, version: str, *, is_enough: bool
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: version)
    assert (lacking(checkout) == []) is is_enough


@pytest.mark.parametrize(
    ("folders", "expected"), [([], False), (["conda-meta"], True), (["conda-meta", "condabin"], False)]
)
def test_a_named_conda_environment_is_someone_elses_and_the_base_is_a_plain_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folders: list[str], *, expected: bool
) -> None:
    for folder in folders:
        (tmp_path / folder).mkdir()
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    monkeypatch.setattr("sys.base_prefix", str(tmp_path))
    assert in_someone_elses() is expected


def test_a_restart_that_did_not_help_is_an_error_and_not_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(_bootstrap.RESTARTED, "1")
    monkeypatch.setattr(_bootstrap, "interpreter", lambda checkout, *, extra: Path("python"))
    with pytest.raises(SetupError, match="lacsim does not start in it. Delete that folder"):
        _bootstrap.enter(["run"])


def test_an_old_python_is_told_which_one_is_needed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.version_info", (3, 9, 18, "final", 0))
    assert __main__.main() == 3
    assert "lacsim needs Python 3.11 or newer; this is 3.9.18." in capsys.readouterr().err


def test_version_is_answered_before_anything_is_set_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["lacsim", "--version"])
    monkeypatch.setattr(_bootstrap, "enter", lambda arguments: pytest.fail("it set something up"))
    assert __main__.main() == 0
    assert capsys.readouterr().out == f"lacsim {__version__}\n"


@pytest.mark.parametrize(
    ("raised", "code", "words"),
    [(SetupError("no disk"), 3, "lacsim: no disk"), (KeyboardInterrupt(), 130, "Run the same command")],
)
def test_a_set_up_that_stops_ends_with_a_sentence_and_its_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    raised: BaseException,
    code: int,
    words: str,
) -> None:
    def stop(arguments: list[str]) -> None:
        raise raised

    monkeypatch.setattr("sys.argv", ["lacsim", "run"])
    monkeypatch.setattr(_bootstrap, "enter", stop)
    assert __main__.main() == code
    assert words in capsys.readouterr().err


def test_ctrl_c_pressed_again_after_a_run_has_stopped_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["lacsim", "run"])
    monkeypatch.setattr(_bootstrap, "enter", lambda arguments: None)
    before = signal.getsignal(signal.SIGINT)
    try:
        for code, ignored in ((0, False), (130, True)):
            monkeypatch.setattr("lacsim.cli.main", lambda code=code: code)
            assert __main__.main() == code
            assert (signal.getsignal(signal.SIGINT) == signal.SIG_IGN) == ignored
    finally:
        signal.signal(signal.SIGINT, before)
