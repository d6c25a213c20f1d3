"""Making the environment: in order, once, and again after whatever stopped it. Nothing is downloaded."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from lacsim import _environment
from lacsim._environment import Checkout, install_locked, set_up, state_of
from lacsim.errors import SetupError


def install_nothing(checkout: Checkout) -> None:
    assert checkout.python.exists()


def install_and_fail(checkout: Checkout) -> None:
    (checkout.environment / "half.txt").write_text("half", "utf-8")
    raise SetupError("the line went dead")


def test_environment_counts_as_finished_only_after_the_last_step(checkout: Checkout) -> None:
    seen = []
    set_up(checkout, install=lambda c: seen.append(state_of(c)))
    assert seen == ["unfinished"]
    assert state_of(checkout) == "ready"


def test_environment_finds_the_package_from_anywhere(checkout: Checkout) -> None:
    set_up(checkout, install=install_nothing)
    (pth,) = checkout.environment.rglob("lacsim.pth")
    assert pth.read_text(encoding="locale") == f"{checkout.root}\n"


def test_what_a_failed_installation_left_is_thrown_away_by_the_next_run(checkout: Checkout) -> None:
    with pytest.raises(SetupError, match="the line went dead"):
        set_up(checkout, install=install_and_fail)
    assert state_of(checkout) == "unfinished"
    set_up(checkout, install=install_nothing)
    assert state_of(checkout) == "ready"
    assert not (checkout.environment / "half.txt").exists()
    assert not list(checkout.root.glob(".venv-scratch-*"))


def test_a_changed_lock_refreshes_the_environment_and_keeps_what_was_added_to_it(checkout: Checkout) -> None:
    set_up(checkout, install=install_nothing)
    (checkout.environment / "added.txt").write_text("by the user", "utf-8")
    checkout.lock.write_text("", "utf-8")
    assert state_of(checkout) == "outdated"
    set_up(checkout, install=install_nothing)
    assert state_of(checkout) == "ready"
    assert (checkout.environment / "added.txt").exists()


def test_an_environment_in_a_folder_that_was_moved_is_made_again(checkout: Checkout) -> None:
    set_up(checkout, install=install_nothing)
    moved = Checkout(checkout.root.rename(checkout.root.with_name("moved")))
    assert state_of(moved) == "unfinished"


def test_an_environment_whose_python_is_gone_is_made_again(checkout: Checkout) -> None:
    set_up(checkout, install=install_nothing)
    checkout.python.unlink()
    assert state_of(checkout) == "unfinished"


def test_an_environment_whose_python_became_another_version_is_made_again(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(checkout, install=install_nothing)
    monkeypatch.setattr("sys.prefix", str(checkout.environment))
    assert state_of(checkout) == "ready"
    monkeypatch.setattr(_environment, "_this_python", lambda: "3.99")
    assert state_of(checkout) == "unfinished"


@pytest.mark.parametrize("stamp", ["", "[1]", "{", '{"made_by": "lacsim"}'])
def test_a_damaged_stamp_means_unfinished(checkout: Checkout, stamp: str) -> None:
    set_up(checkout, install=install_nothing)
    checkout.stamp.write_text(stamp, "utf-8")
    assert state_of(checkout) == "unfinished"


def test_two_first_runs_at_once_install_once(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    installed = []

    def install_slowly(checkout: Checkout) -> None:
        time.sleep(0.3)
        installed.append(checkout.root)

    runs = [threading.Thread(target=set_up, args=(checkout,), kwargs={"install": install_slowly}) for _ in "ab"]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert installed == [checkout.root]
    assert "another lacsim is setting up here; waiting for it" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_reported_with_a_remedy(checkout: Checkout) -> None:
    (checkout.root / ".venv.lock").mkdir()
    with pytest.raises(SetupError, match=r"\.venv could not be made: .* use an environment of your own"):
        set_up(checkout, install=install_nothing)


def play_installers(monkeypatch: pytest.MonkeyPatch, *, uv: str | None, failing: Sequence[str]) -> list[str]:
    """Record which installer was asked, and let those named fail."""
    asked: list[str] = []

    def succeeds(command: Sequence[str], *, is_quiet: bool = False) -> bool:
        name = "uv" if command[0] == uv else command[2]
        asked.append(name)
        return name not in failing

    monkeypatch.setattr("shutil.which", lambda name: uv)
    monkeypatch.setattr(_environment, "_succeeds", succeeds)
    return asked


@pytest.mark.parametrize(
    ("uv", "failing", "expected"),
    [
        (None, [], ["ensurepip", "pip"]),
        ("/somewhere/uv", [], ["uv"]),
        ("/somewhere/uv", ["uv"], ["uv", "ensurepip", "pip"]),
    ],
)
def test_uv_installs_where_it_is_found_and_works_and_pip_does_otherwise(
    checkout: Checkout,
    monkeypatch: pytest.MonkeyPatch,
    uv: str | None,
    failing: list[str],
    expected: list[str],
) -> None:
    asked = play_installers(monkeypatch, uv=uv, failing=failing)
    install_locked(checkout)
    assert asked == expected


def test_a_failed_download_asks_about_the_proxy(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    play_installers(monkeypatch, uv=None, failing=["pip"])
    with pytest.raises(SetupError, match=r"could not be installed \(see above\)\. Behind a proxy\? Set HTTPS_PROXY"):
        install_locked(checkout)


def test_a_python_without_pip_is_told_which_package_brings_it(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    play_installers(monkeypatch, uv=None, failing=["ensurepip"])
    with pytest.raises(SetupError, match="sudo apt install python3-venv"):
        install_locked(checkout)


def test_an_installation_outside_the_environment_is_switched_off_for_pip(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PIP_USER", "1")
    copy = tmp_path / "settings.txt"
    script = f"import os, pathlib; pathlib.Path({str(copy)!r}).write_text(os.environ['PIP_USER'])"
    set_up(checkout, install=install_nothing)
    assert _environment._succeeds([str(checkout.python), "-c", script])
    assert copy.read_text("utf-8") == "0"
