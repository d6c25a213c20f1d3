"""Units: a closed list, and what a number in each may be."""

from __future__ import annotations

import pytest

from lacsim.errors import LacsimError, RegisterError
from lacsim.units import UNITS, unit_named, value_fault

BAD_NUMBERS = [
    float("nan"),
    float("inf"),
    float("-inf"),
    -1,
    1e308,
    True,
    False,
    "1",
    None,
    [1.0],
    10**5000,
]


@pytest.mark.parametrize("bad", BAD_NUMBERS, ids=lambda bad: str(type(bad).__name__))
@pytest.mark.parametrize("name", sorted(name for name, unit in UNITS.items() if unit.kind not in ("text", "switch")))
def test_a_bad_number_is_refused_in_every_unit(name: str, bad: object) -> None:
    bad = -2 if bad == -1 else bad  # growth may be -1, total loss
    assert value_fault(bad, UNITS[name]) is not None


def test_a_misspelt_unit_meets_the_nearest_one() -> None:
    with pytest.raises(RegisterError, match=r"unit 'people per month' is not known\. Did you mean 'people/month'\?"):
        unit_named("people per month")


def test_a_percentage_given_as_a_share_is_refused() -> None:
    fault = value_fault(60, UNITS["share"])
    assert fault == "a share must lie between 0 and 1; 60 looks like a percentage. Did you mean 0.6?"


def test_a_share_far_outside_is_refused_without_a_guess() -> None:
    assert value_fault(600, UNITS["share"]) == "a share must lie between 0 and 1, found 600"
    assert value_fault(-0.5, UNITS["probability"]) == "a probability must lie between 0 and 1, found -0.5"


def test_both_ends_of_a_range_are_admissible() -> None:
    assert value_fault(50, UNITS["places"], (50.0, 65.0)) is None
    assert value_fault(65, UNITS["places"], (50.0, 65.0)) is None
    assert value_fault(80, UNITS["places"], (50.0, 65.0)) == "value 80 is outside its own range 50 to 65 places"


def test_a_switch_is_true_or_false_and_a_name_is_text() -> None:
    assert value_fault(True, UNITS["switch"]) is None
    assert value_fault(1, UNITS["switch"]) == "is a switch: needs true or false (you gave 1)"
    assert value_fault("first-come", UNITS["name"]) is None
    assert value_fault("", UNITS["name"]) == "needs a name in quotes (you gave '')"


def test_several_faults_are_reported_together() -> None:
    error = LacsimError(["one is wrong", "two is wrong"])
    assert str(error) == "2 faults:\n  one is wrong\n  two is wrong"
    assert error.faults == ("one is wrong", "two is wrong")
