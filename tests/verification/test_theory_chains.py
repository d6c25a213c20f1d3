"""Chains against the exact oracle: seven states of one resident, and a ward of six who share places and an assessor.

The engines live these chains on the hazard budgets of `lacsim.model.clocks`; the oracle (`oracle.py`) knows neither people nor
dates. Rounding to whole seconds moves a mean stay of days by a few parts in a million.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import chain_rules
import numpy as np
import oracle
import pytest
from chain_rules import chains
from theory_worlds import live, same_by_both
from trace_reading import number_in, stays, value_of, waits
from two_stage import SIZES, Size, hold

from lacsim.model.stages import YEAR
from lacsim.model.world import World

DISCOUNT = math.log(1.035)


# --- A12: seven states ---------------------------------------------------------------------------------------------------


@cache
def seven() -> dict[str, float]:
    """What the seven-state chain gives, by the oracle."""
    chain, gbp = oracle.chain(oracle.SEVEN, 7), oracle.SEVEN_GBP_PER_YEAR
    admissions, lump = np.zeros((7, 7)), np.zeros((7, 7))
    admissions[:, 4], lump[:, 3] = 1.0, 500.0
    found = {f"in state {k} at {t}": float(chain.law(t)[k]) for t in (1, 5) for k in range(7)}
    mean, spread = chain.total(gbp, 5.0, discount=DISCOUNT), chain.spread(gbp, 5.0, discount=DISCOUNT)
    return {
        **found,
        "cost": chain.total(gbp, 5.0),
        "discounted cost": mean,
        "variance of discounted cost": spread**2,
        "admissions": chain.jumps(admissions, 5.0),
        "discounted lump sums": chain.jumps(lump, 5.0, discount=DISCOUNT),
    }


def test_the_oracle_gives_the_printed_numbers_of_the_seven_state_chain() -> None:
    found = seven()
    occupancy = (
        0.7914064414, 0.0616466801, 0.0645677816, 0.0162652363, 0.0068274079, 0.0195170039, 0.0397694489,
        0.6120619065, 0.0472718414, 0.0817194234, 0.0130831882, 0.0056890591, 0.0315028304, 0.2086717511,
    )  # fmt: skip
    assert list(found.values())[:14] == pytest.approx(occupancy, abs=0.6e-10)
    assert found["cost"] == pytest.approx(11_704.965979, abs=0.6e-6)
    assert found["discounted cost"] == pytest.approx(10_690.937540, abs=0.6e-6)
    assert math.sqrt(found["variance of discounted cost"]) == pytest.approx(19_701.2502, abs=0.6e-4)
    assert found["admissions"] == pytest.approx(1.15012277, abs=0.6e-8)
    assert found["discounted lump sums"] == pytest.approx(262.76532743, abs=0.6e-8)


def seven_world(residents: int, seed: int) -> World:
    return chains(residents=residents, unit=YEAR, seed=seed, horizon=5 * YEAR + 1, rates=oracle.SEVEN)


@pytest.mark.parametrize("size", SIZES)
def test_hazard_budgets_live_the_seven_state_chain(size: Size, record_property: Any) -> None:
    same_by_both(lambda: seven_world(30, 1), chain_rules)
    expected = seven()

    def measure(n: int, seed: int) -> dict[str, np.ndarray]:
        rows, _, first = live(seven_world(n, seed), chain_rules)
        found = stays(rows, first, 5 * YEAR + 1)
        each, gbp = np.arange(n), np.append(oracle.SEVEN_GBP_PER_YEAR, 0.0)
        values = {f"in state {k} at {t}": number_in(found, k, t * YEAR, each, n) for t in (1, 5) for k in range(7)}
        discounted = value_of(found, gbp, n, year=YEAR, until=5.0, discount=DISCOUNT)
        values["cost"] = value_of(found, gbp, n, year=YEAR, until=5.0)
        values["discounted cost"] = discounted
        values["variance of discounted cost"] = (discounted - expected["discounted cost"]) ** 2
        values["admissions"] = np.bincount(found.resident[found.stage == 4], minlength=n)
        entered = found.stage == 3
        lump = 500.0 * np.exp(-DISCOUNT * found.start[entered] / YEAR)
        values["discounted lump sums"] = np.bincount(found.resident[entered], weights=lump, minlength=n)
        return values

    hold(record_property, measure, 100_000, expected, size)


# --- A13: a ward of six ------------------------------------------------------------------------------------------------


@cache
def ward_of_six() -> dict[str, float]:
    """What the ward chain gives, by the oracle."""
    ward = oracle.Ward()
    chain, states, marks = oracle.ward_chain(ward)
    assert len(states) == 462
    found = {}
    for t in (1, 5):
        for k, mean in enumerate(chain.law(t) @ states):
            found[f"number in {k} at {t}"] = float(mean)
    found["share of full caseloads at 5"] = float(chain.law(5)[states[:, 1] == ward.places].sum())
    found["waiting for the assessor at 1"] = float(chain.law(1) @ np.maximum(states[:, 2] - ward.assessors, 0))
    found["cost"] = chain.total(states @ np.array(ward.gbp_per_year), 5.0)
    found.update({name: chain.jumps(mark, 5.0) for name, mark in marks.items()})
    return found


def test_the_oracle_gives_the_printed_numbers_of_the_ward_chain() -> None:
    printed = (
        3.0254238048, 1.5240724192, 0.5363344512, 0.1795923762, 0.3533920658,
        1.8043105561, 1.2658867990, 0.1870075288, 0.1218795568, 0.5441563351, 0.4234588159, 0.1531453993,
    )  # fmt: skip
    found = list(ward_of_six().values())
    assert found[:12] == pytest.approx(printed, abs=0.6e-10)
    assert found[12:] == pytest.approx((201_026.253588, 9.64053886, 6.00810488), rel=1e-9)


def ward_world(systems: int, seed: int) -> World:
    w = oracle.Ward()
    served = {(2, 5): w.assessed * w.to_residential, (2, 0): w.assessed * (1.0 - w.to_residential)}
    # The chain's states in the rule set's numbers: 0 community, 1 coordination, 2 assessment, 4 hospital, 5 residential, 6 died.
    rates = {
        (0, 1): w.need, (0, 4): w.hospital, (1, 4): w.hospital_coordinated, (1, 0): w.coordination_ends, **served,
        (2, 4): w.hospital, (4, 5): w.leaves_hospital * w.hospital_to_residential,
        (4, 0): w.leaves_hospital * (1.0 - w.hospital_to_residential), (5, 4): w.residential_to_hospital,
        **{(s, 6): d for s, d in zip((0, 1, 2, 4, 5), w.deaths, strict=True)},
    }  # fmt: skip
    return chains(
        residents=systems * w.residents, systems=systems, unit=YEAR, seed=seed, horizon=5 * YEAR + 1, rates=rates,
        only_served=tuple(served), pool={1: 0, 2: 1}, otherwise={1: 2}, places=(w.places, w.assessors),
    )  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
def test_a_ward_of_six_lives_its_chain_of_462_states(size: Size, record_property: Any) -> None:
    same_by_both(lambda: ward_world(5, 1), chain_rules)

    def measure(n: int, seed: int) -> dict[str, np.ndarray]:
        rows, system, first = live(ward_world(n, seed), chain_rules)
        found = stays(rows, first, 5 * YEAR + 1)
        # Those who find no place pass through coordination within one second: not a stay.
        passed = (found.stage == 1) & (found.start == found.end)
        real = type(found)(*(column[~passed] for column in found))
        values = {}
        for t in (1, 5):
            for k, stage in enumerate((0, 1, 2, 4, 5)):
                values[f"number in {k} at {t}"] = number_in(real, stage, t * YEAR, system, n)
        values["share of full caseloads at 5"] = (values["number in 1 at 5"] == 2).astype(float)
        asked = waits(rows, 1, 5 * YEAR + 1)
        waiting = (asked.asked <= YEAR) & (asked.ended > YEAR)
        values["waiting for the assessor at 1"] = np.bincount(system[asked.resident[waiting]], minlength=n)
        gbp = np.array([0.0, 1_000.0, 800.0, 0.0, 120_000.0, 40_000.0, 0.0, 0.0])
        each = value_of(real, gbp, len(system), year=YEAR, until=5.0)
        values["cost"] = np.bincount(system, weights=each, minlength=n)
        for name, stage in (("connections", 1), ("sent to assessment", 2)):
            values[name] = np.bincount(system[real.resident[real.stage == stage]], minlength=n)
        return values

    hold(record_property, measure, 15_000, ward_of_six(), size)
