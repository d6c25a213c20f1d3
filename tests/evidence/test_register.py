"""The register: complete, citable, in known units, with its contradictions kept."""

from __future__ import annotations

import csv
import subprocess
import sys
from math import exp, log
from pathlib import Path

import pytest

from lacsim import evidence
from lacsim.parameters import STANCES, grade_of, load_register, params, unused
from lacsim.parameters.checks import entry_faults
from lacsim.parameters.entries import Fixed, Gamma, Pert
from lacsim.units import UNITS

REGISTER = load_register()
CLAIMS = [(name, claim) for name, entry in REGISTER.entries.items() for claim in entry.claims]


@pytest.mark.parametrize("name", list(REGISTER.entries))
def test_every_entry_can_be_defended(name: str) -> None:
    entry = REGISTER.entries[name]
    assert entry_faults(entry) == []
    assert entry.meaning.endswith(".")
    assert entry.unit in UNITS
    assert REGISTER.lines[name].startswith(f"register/{name.split('.')[0]}.toml:")


@pytest.mark.parametrize(("name", "claim"), CLAIMS)
def test_every_claim_has_a_source_a_place_and_a_grade(name: str, claim: str) -> None:
    given = REGISTER.entries[name].claims[claim]
    assert given.source in evidence.sources()
    assert given.where.strip()
    assert grade_of(given) in "ABCD"
    if given.kind == "assumed":
        assert grade_of(given) == "D"
        assert given.mind_changer


def test_quotations_are_words_of_the_stored_documents() -> None:
    quoted = [c for e in REGISTER.entries.values() for c in e.claims.values() if c.quote]
    assert len(quoted) > 40
    assert all(evidence.quote_stands(claim.source, claim.quote or "") for claim in quoted)


def test_every_lower_case_key_is_the_name_of_what_it_holds() -> None:
    for name in REGISTER.entries:
        subject, key = name.split(".")
        assert subject.isidentifier()
        assert key.isidentifier()
        assert name == name.lower()


def _values(name: str) -> set[object]:
    return {claim.value for claim in REGISTER.entries[name].claims.values()}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("programme.core_budget", {525_698.0, 525_968.0}),
        ("claims.return_per_pound", {3.0, 4.0, 5.0}),
        ("coordination.short_term_people_per_month", {19.0, 190.0}),
        ("claims.case_closure_rate", {0.693, 1.594}),
        ("claims.first_year_saving_months", {8.0, 12.0}),
        ("claims.tenure_total", {0.98, 1.0}),
        ("claims.tenth_ward_name", {"Sinfyn", "Sinfin"}),
        ("coordination.places_per_coordinator", {25.0, 40.0, 49.6, 62.5}),
        ("claims.residents_per_coordinator", {8_000.0, 10_000.0, 15_070.0}),
    ],
)
def test_sources_that_disagree_are_all_kept(name: str, values: set[object]) -> None:
    assert _values(name) == values


def test_the_two_parts_of_the_budget_add_to_270_pounds_more_than_its_printed_total() -> None:
    p = params()
    parts = p.number("claims.budget_better_care_fund") + p.number("claims.budget_council")
    assert parts == p.number("programme.core_budget") == 525_968
    assert parts - REGISTER.entries["programme.core_budget"].claims["printed"].value == 270
    share = p.number("claims.budget_better_care_fund") / parts
    assert round(share, 4) == p.number("programme.better_care_fund_share") == 0.59


def test_printed_tenures_add_to_98_in_100() -> None:
    p = params()
    kinds = ("council_tenant", "association_tenant", "owner", "private_tenant")
    total = sum(p.number(f"claims.share_supported_{kind}") for kind in kinds)
    assert total == pytest.approx(p.number("claims.tenure_total")) == pytest.approx(0.98)


@pytest.mark.parametrize(
    ("weight", "supported", "households"),
    [
        ("social_rent", ("council_tenant", "association_tenant"), ("social_council", "social_other")),
        ("owner", ("owner",), ("owned", "shared_ownership")),
        ("private_rent", ("private_tenant",), ("private_rent", "rent_free")),
    ],
)
def test_tenure_weights_are_shares_supported_over_shares_of_households(
    weight: str, supported: tuple[str, ...], households: tuple[str, ...]
) -> None:
    p, wards = params(fitted=False), evidence.area().wards
    ten = wards.loc[wards["lac_covered_2019"] == 1]
    held = sum((ten[f"pct_hh_{kind}_2011"] * ten["households_2011"]).sum() for kind in households)
    share = held / ten["households_2011"].sum() / 100.0
    helped = sum(p.number(f"claims.share_supported_{kind}") for kind in supported)
    assert p.number(f"coordination.weight_{weight}") == pytest.approx(helped / share, rel=0.02)


def test_both_readings_of_the_saving_give_16000_pounds_a_person() -> None:
    p = params()
    each = p.number("claims.first_year_saving") / p.number("claims.first_year_people")
    assert each == p.number("claims.first_year_saving_per_person") == 16_000


def test_an_effect_can_be_switched_off() -> None:
    p = params()
    for name in p.names():
        if not name.startswith("effects."):
            continue
        null = 1.0 if p.entry(name).unit in ("hazard ratio", "ratio") else 0.0
        assert p.replace({name: null})[name] == null


def test_every_effect_has_a_claim_for_every_stance() -> None:
    for name, entry in REGISTER.entries.items():
        if name.startswith("effects.") and name != "effects.ward_difficulty_fall_most":
            assert set(entry.claims) == set(STANCES)


def test_unit_costs_are_those_of_the_evidence_table() -> None:
    table = evidence.table("unit_costs_2018_19").set_index("key")
    listed = {name.split(".")[1] for name in REGISTER.entries if name.startswith("unit_costs.")}
    assert listed
    assert listed <= {key for key in table.index if not key.startswith("lac_")}
    for key in listed:
        claim = params().claim(f"unit_costs.{key}")
        assert claim.value == table.loc[key, "value_1819"]
        assert claim.payer == table.loc[key, "payer"]
        assert claim.cashable == table.loc[key, "cashable_class"]
        assert claim.price_year == "2018/19"


def test_nhs_prices_are_at_least_20_per_cent_uncertain() -> None:
    for name, entry in REGISTER.entries.items():
        claim = params().claim(name)
        if not entry.unit.startswith("£/") or claim.payer != "nhs" or isinstance(claim.spread, Fixed):
            continue
        value = float(claim.value)
        if isinstance(claim.spread, Pert):
            assert claim.spread.low <= 0.8 * value <= 1.2 * value <= claim.spread.high, name
        else:
            assert isinstance(claim.spread, Gamma)
            assert 1.96 * claim.spread.se >= 0.199 * value, name


def test_an_entry_nobody_reads_is_named() -> None:
    everything = set(REGISTER.entries)
    assert unused(everything) == []
    assert unused(everything - {"effects.admission_hr"}) == ["effects.admission_hr"]
    assert "claims.return_per_pound" not in unused(set())


def test_the_gompertz_curve_of_death_follows_the_life_table() -> None:
    frame = evidence.table("uk_qx_2016_2018").groupby("age")["qx_mean_2016_18"].mean()
    published = {
        name: REGISTER.entry(f"natural_history.{name}").claims["ons"] for name in ("death_at_65", "death_slope")
    }
    level, slope = (float(claim.value) for claim in published.values())
    for age in range(45, 91, 5):
        fitted = level * exp(slope * (age + 0.5 - 65.0))
        assert log(fitted / -log(1.0 - frame[age])) == pytest.approx(0.0, abs=0.32), age


def test_the_register_loads_without_scipy_or_pandas_and_quickly() -> None:
    code = (
        "import sys, time; start = time.perf_counter()\n"
        "from lacsim.parameters import params\n"
        "params().values(); took = time.perf_counter() - start\n"
        "heavy = [m for m in ('scipy', 'pandas', 'numpy', 'numba', 'matplotlib') if m in sys.modules]\n"
        "print(took, heavy)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    took, heavy = done.stdout.split(maxsplit=1)
    assert heavy.strip() == "[]"
    assert float(took) < 3.0  # about 0.25 s on an idle machine; the bound only catches a heavy import


def test_no_file_of_the_evidence_starts_a_text_cell_like_a_formula() -> None:
    folder = Path(evidence.__file__).parent
    for path in folder.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.reader(stream):
                for cell in row:
                    if cell[:1] in ("=", "+", "@", "\t", "\r", "-"):
                        float(cell)
