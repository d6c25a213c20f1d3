"""A parameter set: read under a stance, changed only by a checked copy."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lacsim.errors import RegisterError
from lacsim.parameters import STANCES, params, params_from_file
from lacsim.parameters.checks import AT_MOST_ONE
from lacsim.parameters.schema import parameter_file_schema, register_schema
from lacsim.units import UNITS

BASE = params(fitted=False)  # the register by itself
NUMBERS = [name for name in BASE.names() if UNITS[BASE.entry(name).unit].kind not in ("text", "switch")]


def test_the_default_stance_is_controlled() -> None:
    assert BASE.stance == "controlled"
    assert BASE["coordination.places_per_coordinator"] == 40.0
    assert BASE["coordination.queue_order"] == "first-come"
    assert BASE["population.turning_18"] is True


@pytest.mark.parametrize(
    ("name", "reported", "controlled", "sceptical"),
    [
        ("effects.front_door_help_found", 0.5, 0.1, 0.0),
        ("effects.admission_hr", 0.8, 1.0, 1.09),
        ("effects.case_closes_hr", 2.5, 1.1, 1.0),
        ("effects.unmet_need_hr", 1.0, 1.1, 1.3),
        ("coordination.short_term_people_per_month", 190.0, 19.0, 19.0),
        ("coordination.short_term_minutes", 15.0, 60.0, 60.0),
        ("coordination.front_door_offer_share", 0.2, 0.2, 0.1),
        ("adult_care.demand_growth", 0.01, 0.0, 0.0),
        ("programme.core_budget", 525_968.0, 525_968.0, 525_968.0),
    ],
)
def test_a_stance_chooses_among_claims_by_name(name: str, reported: float, controlled: float, sceptical: float) -> None:
    assert [params(stance, fitted=False)[name] for stance in ("reported", "controlled", "sceptical")] == [
        reported,
        controlled,
        sceptical,
    ]


def test_a_stance_never_invents_a_value() -> None:
    for stance in STANCES:
        p = params(stance, fitted=False)
        for name in p.names():
            assert p[name] in {claim.value for claim in p.entry(name).claims.values()}


def test_an_unknown_stance_is_refused() -> None:
    with pytest.raises(RegisterError, match=r"stance 'skeptical' is not known\. Did you mean 'sceptical'\?"):
        params("skeptical")


def test_replacing_gives_a_new_set_and_leaves_the_old() -> None:
    changed = BASE.replace({"coordination.places_per_coordinator": 50})
    assert changed["coordination.places_per_coordinator"] == 50.0
    assert BASE["coordination.places_per_coordinator"] == 40.0
    assert changed.overrides == {"coordination.places_per_coordinator": 50.0}
    assert "coordination.places_per_coordinator" in BASE.uncertain()
    assert "coordination.places_per_coordinator" not in changed.uncertain()
    assert changed.low_high("coordination.places_per_coordinator") == (50.0, 50.0)
    assert changed.sha256 != BASE.sha256


def test_a_parameter_set_introduces_itself_in_one_line() -> None:
    assert repr(BASE) == f"{len(BASE.names())} parameters, {BASE.stance} stance; nothing set"
    assert repr(BASE.replace({"effects.admission_hr": 0.95})).endswith("stance; set: effects.admission_hr = 0.95")


def test_an_override_survives_a_change_of_stance() -> None:
    changed = BASE.replace({"effects.admission_hr": 0.95}).with_stance("reported")
    assert changed["effects.admission_hr"] == 0.95
    assert changed["effects.care_need_hr"] == 0.7


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "coordination.place_per_coordinator",
            3,
            r"is not a parameter\. Did you mean 'coordination.places_per_coord",
        ),
        (
            "places_per_coordinator",
            3,
            r"Did you mean .*places_per_coordinator'\?  See them all: lacsim params list",
        ),
        (
            "programme.places_per_coordinator",
            3,
            r"Did you mean 'coordination.places_per_coordinator'\?  See them all: lacsim params list",
        ),
        (
            "coordination.places_per_coordinator",
            "lots",
            r"places_per_coordinator: needs a number \(you gave 'lots'\)",
        ),
        ("coordination.places_per_coordinator", True, r"needs a number \(you gave True\)"),
        ("coordination.places_per_coordinator", -1, r"value -1 is outside its own range 0 to 1000 places"),
        ("coordination.places_per_coordinator", float("nan"), r"needs a finite number of places, found nan"),
        ("coordination.places_per_coordinator", 10**400, r"needs a number below 1e\+15 places"),
        ("coordination.leave_share", 60, r"between 0 and 1; 60 looks like a percentage\. Did you mean 0.6\?"),
        (
            "coordination.queue_order",
            "urgancy",
            r"must be one of first-come, urgency; .* Did you mean 'urgency'\?",
        ),
        ("population.turning_18", 1, r"is a switch: needs true or false \(you gave 1\)"),
        (
            "adult_care.hospital_outcome_package",
            0.9,
            r"outcomes of an assessment in hospital add up to 1.26, more than 1",
        ),
    ],
)
def test_a_change_that_cannot_be_is_refused(name: str, value: object, message: str) -> None:
    with pytest.raises(RegisterError, match=message):
        BASE.replace({name: value})


def test_all_faults_of_a_change_come_at_once() -> None:
    with pytest.raises(RegisterError, match="2 faults"):
        BASE.replace({"coordination.leave_share": 60, "coordination.nonsense": 1})


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf"), 1e308, True, "1", None, 10**500])
@pytest.mark.parametrize("name", NUMBERS)
def test_a_bad_number_is_refused_for_every_parameter(name: str, bad: object) -> None:
    with pytest.raises(RegisterError, match=name):
        BASE.replace({name: bad})


SHARED = {name for _, names in AT_MOST_ONE for name in names}


@given(
    name=st.sampled_from([name for name in NUMBERS if name not in SHARED]),
    value=st.floats(allow_nan=True, allow_infinity=True),
)
def test_any_float_is_either_in_range_or_refused(name: str, value: float) -> None:
    low, high = BASE.entry(name).range or (0.0, 0.0)
    if low <= value <= high:
        assert BASE.replace({name: value})[name] == value
    else:
        with pytest.raises(RegisterError, match=name):
            BASE.replace({name: value})


def test_minus_zero_becomes_zero() -> None:
    assert str(BASE.replace({"hospital.beds": -0.0})["hospital.beds"]) == "0.0"


def test_an_unknown_name_is_refused_when_read() -> None:
    with pytest.raises(
        RegisterError, match=r"effects.admision_hr is not a parameter\. Did you mean 'effects.admission_hr'"
    ):
        BASE["effects.admision_hr"]
    assert "effects.admission_hr" in BASE
    assert "effects.admision_hr" not in BASE


def test_a_name_is_not_a_number() -> None:
    assert BASE.number("hospital.beds") == 0.0
    with pytest.raises(
        RegisterError, match=r"coordination.queue_order: is a name, not a number \(it is 'first-come'\)"
    ):
        BASE.number("coordination.queue_order")


def test_a_parameter_set_can_be_sent_to_another_process() -> None:
    changed = BASE.replace({"hospital.beds": 400})
    again = pickle.loads(pickle.dumps(changed))
    assert again == changed
    assert again.sha256 == changed.sha256


def test_the_table_shows_the_pedigree_of_every_parameter() -> None:
    table = BASE.table()
    assert table["name"].tolist() == BASE.names()
    assert not table[["unit", "source", "where", "grade", "kind", "meaning", "claim", "role"]].isna().any().any()
    row = table.set_index("name").loc["effects.admission_hr"]
    assert (row["low"], row["value"], row["high"]) == pytest.approx((0.91, 1.0, 1.10), abs=0.005)
    assert "Beswick" in row["source"]


def test_all_values_written_to_a_file_come_back_with_the_same_hash(tmp_path: Path) -> None:
    for stance in STANCES:
        changed = params(stance).replace({"hospital.beds": 400, "coordination.places_per_coordinator": 40})
        path = tmp_path / f"{stance}.toml"
        path.write_text(changed.to_toml(), encoding="utf-8")
        again = params_from_file(path)
        assert again.sha256 == changed.sha256
        assert again.overrides == changed.overrides


def test_a_file_is_laid_over_a_base(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[hospital]\nbeds = {value = 300, unit = 'places', note = 'a guess'}\n", encoding="utf-8")
    again = params_from_file(path, params("reported").replace({"coordination.leave_share": 0.2}))
    assert again.stance == "reported"
    assert again.overrides == {"coordination.leave_share": 0.2, "hospital.beds": 300.0}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[coordination]\nplaces_per_coordinatr = 3",
            r"my.toml:2  .*Did you mean 'coordination.places_per_coordinator'",
        ),
        (
            "\n[coordination]\nplaces_per_coordinator = 2000",
            r"my.toml:3  .*value 2000 is outside its own range 0 to 1000",
        ),
        (
            "[coordination]\nleave_share = 14",
            r"my.toml:2  .*14 looks like a percentage\. Did you mean 0.14\?",
        ),
        (
            "[coordination]\nleave_share = {value = 0.1, unit = 'days'}",
            r"unit 'days' is not its unit\. Give it in 'share'",
        ),
        (
            "[coordination]\nleave_share = {valu = 0.1}",
            r"'valu' is not a field here\. Did you mean 'value'\?",
        ),
        ("stance = 'reportd'", r"my.toml:1  stance 'reportd' is not known\. Did you mean 'reported'\?"),
        ("beds = 3", r"my.toml:1  beds: is not a table of parameters"),
        ("[hospital]\nbeds = nan", r"my.toml:2  hospital.beds: needs a finite number of places, found nan"),
        ("[hospital]\nbeds = 1\nbeds = 2", r"my.toml: is not valid TOML"),
        (f"[hospital]\nbeds = {'9' * 5000}", r"my.toml: is not valid TOML"),
        ("x = " + "[" * 20_000, r"my.toml: is not valid TOML"),
        ("#" * 1_000_001, r"has 1,000,001 bytes, more than 1,000,000"),
    ],
    ids=range(12),
)
def test_a_parameter_file_with_a_mistake_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "my.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RegisterError, match=message):
        params_from_file(path)


def test_a_file_with_a_byte_order_mark_is_read_and_one_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[coordination]\r\nleave_share = 0.2\r\n", encoding="utf-8-sig", newline="")
    assert params_from_file(path).overrides == {"coordination.leave_share": 0.2}
    path.write_text("[coordination]\nleave_share = 0.2\n", encoding="utf-16")
    with pytest.raises(RegisterError, match=r"mine.toml: is not UTF-8 text. Save it as UTF-8"):
        params_from_file(path)


def test_a_missing_parameter_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match=r"no.toml: cannot be read .* Check the path"):
        params_from_file(tmp_path / "no.toml")


def test_a_file_can_set_a_changed_base_back_to_the_register(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[coordination]\nleave_share = 0.14\n", encoding="utf-8")
    assert params_from_file(path, BASE.replace({"coordination.leave_share": 0.2}))["coordination.leave_share"] == 0.14
    assert params_from_file(path).overrides == {}


def test_schemas_name_every_parameter_and_every_unit() -> None:
    schema = parameter_file_schema()
    listed = {f"{s}.{k}" for s, t in schema["properties"].items() for k in t.get("properties", {})}
    assert listed == set(BASE.names())
    share = schema["properties"]["coordination"]["properties"]["leave_share"]["anyOf"][0]
    assert (share["minimum"], share["maximum"]) == (0.0, 1.0)
    assert set(register_schema()["$defs"]["Entry"]["properties"]["unit"]["enum"]) == set(UNITS)
