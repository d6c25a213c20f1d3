"""The first run for real: a plain Python, a path with a space, a hashed lock and no network."""

from __future__ import annotations

import json
from collections.abc import Callable
from subprocess import CompletedProcess

from lacsim._environment import OFFLINE, Checkout, state_of

Command = Callable[..., "CompletedProcess[str]"]


def test_first_run_sets_up_once_and_hands_over_the_command_and_its_exit_code(
    checkout: Checkout, type_command: Command
) -> None:
    first = type_command("run", "--set", "a=b c")
    assert first.returncode == 7, first.stderr
    answer = json.loads(first.stdout)
    assert answer["prefix"] == str(checkout.environment)
    assert answer["arguments"] == ["run", "--set", "a=b c"]
    assert "lacsim: setting up once in" in first.stderr
    assert "lacsim: ready after" in first.stderr

    second = type_command("run")
    assert (second.returncode, second.stderr) == (7, "")

    checkout.lock.write_text(checkout.lock.read_text("utf-8") + "# another comment\n", "utf-8")
    assert state_of(checkout) == "outdated"
    third = type_command("run")
    assert third.returncode == 7
    assert "the list of packages changed, refreshing" in third.stderr


def test_first_run_without_a_network_says_what_to_do_and_leaves_nothing_half_made(
    checkout: Checkout, type_command: Command
) -> None:
    offline = type_command("run", wheels="no such folder")
    assert offline.returncode == 3
    assert offline.stderr.endswith(f"lacsim: {OFFLINE}\n")
    assert offline.stdout == ""
    assert state_of(checkout) == "unfinished"


def test_a_package_whose_hash_differs_from_the_lock_is_not_installed(checkout: Checkout, type_command: Command) -> None:
    checkout.lock.write_text(f"lacsim-stub==1.0 --hash=sha256:{'0' * 64}\n", "utf-8")
    refused = type_command("run")
    assert refused.returncode == 3
    assert state_of(checkout) == "unfinished"
    assert not list(checkout.environment.rglob("lacsim_stub.py"))
