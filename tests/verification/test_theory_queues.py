"""Queues at one station against closed forms: M/M/c, M/G/1, loss, limited room, impatience, finite sources, classes.

Every queue starts in its stationary law (or, where that has no simple form, after a stated warm-up), so an average over
its run is without bias. All tests are two-stage (`two_stage`), false-alarm rate 5 in a million for each quantity.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import closed_forms as forms
import numpy as np
import pytest
from duration_rules import DETERMINISTIC, GAMMA, LOGNORMAL, WEIBULL
from theory_worlds import LOST, MAY_WAIT, NEEDS_ROOM, Queue, drawn_from, exponential, live, same_by_both
from trace_reading import stays, time_in, waits
from two_stage import SIZES, Size, hold, per_system


def asked(queue: Queue, n: int, seed: int, *, after: float = 0.0) -> dict[str, Any]:
    """System, wait in units, whether served and class of everyone who came in (after, until]; and number of systems."""
    world = queue.world(n, seed)
    class_ = world.people["class_"].copy()
    rows, system, _ = live(world)
    found = waits(rows, 0, queue.horizon)
    counted = (found.asked > after * queue.unit) & (found.asked <= queue.until * queue.unit)
    who = found.resident[counted]
    return {
        "system": system[who],
        "wait": (found.ended - found.asked)[counted] / queue.unit,
        "served": found.served[counted],
        "class": class_[who],
    }


def mean_by_system(
    of: Mapping[str, Any], values: np.ndarray, n: int, expected: float, *, only: Any = slice(None)
) -> np.ndarray:
    """Ratio of means over systems of a value per customer."""
    sums = np.bincount(of["system"][only], weights=values[only].astype(float), minlength=n)
    return per_system(sums, np.bincount(of["system"][only], minlength=n), expected)


# --- A1, A2: M/M/c ---------------------------------------------------------------------------------------------------

MMC = {  # arrival, service, places: share who wait, mean wait, window in units, systems, seconds per unit
    "ciw bank, 3": (0.2, 0.1, 3, 0.44444444, 4.44444444, 500.0, 1_500, 10**6),
    "ciw bank, 4": (0.2, 0.1, 4, 0.17391304, 0.86956522, 500.0, 1_500, 10**6),
    "ten": (8.0, 1.0, 10, 0.40918015, 0.20459008, 40.0, 800, 10**6),
    "one ward": (57.0, 1.0, 60, 0.59903947, 0.19967982, 1.5, 2_000, 10**7),
    "ten wards as one": (570.0, 1.0, 600, 0.14400372, 0.00480012, 0.3, 1_000, 10**8),
    "seventeen wards as one": (969.0, 1.0, 1_020, 0.06589843, 0.00129213, 0.3, 800, 10**8),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", MMC)
def test_waits_agree_with_erlang_c(name: str, size: Size, record_property: Any) -> None:
    arrival, service, places, share, wait, until, n, unit = MMC[name]
    exact = forms.mmc(arrival, service, places)
    assert exact["share_wait"] == pytest.approx(share, abs=0.6e-8)
    assert exact["wait"] == pytest.approx(wait, abs=0.6e-8)
    law = forms.mmc_law(arrival, service, places, places + 400)
    queue = Queue(
        {(0, 0): arrival}, [places], [exponential(service)], until, drawn_from(law), tail=300.0 / places, unit=unit
    )
    same_by_both(lambda: queue.world(2, 1)) if places < 100 else None

    def measure(systems: int, seed: int) -> dict[str, np.ndarray]:
        of = asked(queue, systems, seed)
        return {
            "share who wait": mean_by_system(of, of["wait"] > 0, systems, exact["share_wait"]),
            "mean wait": mean_by_system(of, of["wait"], systems, exact["wait"]),
        }

    expected = {"share who wait": exact["share_wait"], "mean wait": exact["wait"]}
    hold(record_property, measure, n if unit > 10**7 else 4 * n, expected, size)


# --- A3: loss, whatever the law of a stay ------------------------------------------------------------------------------

LOSS = {(10, 8.0): 0.1216610643, (25, 30.0): 0.2453253213, (50, 45.0): 0.0541044722, (60, 57.0): 0.0695082500,
        (60, 67.5): 0.1679763516, (600, 675.0): 0.1210513573}  # fmt: skip
STAYS = {
    "exponential": exponential(1.0),
    "deterministic": (DETERMINISTIC, 1.0, 0.0),
    "lognormal": (LOGNORMAL, *forms.lognormal_parameters(1.0, 1.0)),
}


def left_of_a_stay(rng: np.random.Generator, n: int, law: str) -> np.ndarray:
    """What is left of stays of mean 1 found running at an instant: a uniform share of a length-biased stay."""
    if law == "exponential":
        return rng.exponential(size=n)
    if law == "deterministic":
        return rng.random(n)
    mu, sigma = forms.lognormal_parameters(1.0, 1.0)
    return rng.random(n) * np.exp(mu + sigma**2 + sigma * rng.standard_normal(n))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("law", STAYS)
@pytest.mark.parametrize(("places", "load"), LOSS)
def test_losses_agree_with_erlang_b_whatever_the_law_of_a_stay(
    places: int, load: float, law: str, size: Size, record_property: Any
) -> None:
    lost = forms.erlang_b(places, load)
    assert lost == pytest.approx(LOSS[places, load], abs=0.6e-10)
    many = forms.mmc_law(load, 1.0, places, places)

    def present(rng: np.random.Generator, systems: int) -> tuple[np.ndarray, ...]:
        system = np.repeat(np.arange(systems), rng.choice(places + 1, size=systems, p=many))
        zeros = np.zeros(len(system), np.int64)
        return system, zeros, zeros, left_of_a_stay(rng, len(system), law)

    queue = Queue({(0, 0): load}, [places], [STAYS[law]], 4.0, present, unit=10**7 if places < 100 else 10**8,
                  more={"may_wait": (LOST,) * 3})  # fmt: skip
    same_by_both(lambda: queue.world(2, 1)) if places < 50 else None

    def measure(systems: int, seed: int) -> dict[str, np.ndarray]:
        of = asked(queue, systems, seed)
        return {"share lost": mean_by_system(of, ~of["served"], systems, lost)}

    hold(record_property, measure, max(30, int(30_000 / load)), {"share lost": lost}, size)


# --- A4, A5: limited room ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_limited_room_agrees_with_its_chain(size: Size, record_property: Any) -> None:
    """M/M/2/3: two places and room for one to wait (simmer vignette 06)."""
    law = forms.mmc_law(3.0, 4.0, 2, 3)
    number = float(law @ np.arange(4))
    lost, spent = float(law[3]), number / (3.0 * (1.0 - law[3]))
    assert (lost, number, spent) == pytest.approx((0.0493601462523, 0.762340036563, 0.267307692308), abs=1e-12)
    queue = Queue({(0, 0): 3.0}, [2], [exponential(4.0)], 20.0, drawn_from(law), tail=20.0,
                  more={"room": 1, "may_wait": (NEEDS_ROOM,) * 3})  # fmt: skip
    same_by_both(lambda: queue.world(5, 1))

    def measure(systems: int, seed: int) -> dict[str, np.ndarray]:
        rows, system, first = live(queue.world(systems, seed))
        found = waits(rows, 0, queue.horizon)
        came = (found.asked > 0) & (found.asked <= queue.until * queue.unit)
        of = {"system": system[found.resident[came]], "served": found.served[came]}
        inside = stays(rows, first, queue.horizon)
        theirs = (inside.stage == 0) & (inside.start > 0) & (inside.end > inside.start)
        group = system[inside.resident[theirs]]
        seconds = (inside.end - inside.start)[theirs].astype(float)
        sums, counts = (
            np.bincount(group, weights=seconds, minlength=systems) / queue.unit,
            np.bincount(group, minlength=systems),
        )
        return {
            "share lost": mean_by_system(of, ~of["served"], systems, lost),
            "mean number": time_in(inside, 0, int(queue.until * queue.unit), system, systems)
            / queue.until
            / queue.unit,
            "time inside": per_system(sums, counts, spent),
        }

    hold(record_property, measure, 3_000 * size.times,
         {"share lost": lost, "mean number": number, "time inside": spent}, size)  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("room", "printed"), [(0, 0.5031055901), (1, 0.6349614689)])
def test_two_classes_at_one_pump_agree_with_their_chain(
    room: int, printed: float, size: Size, record_property: Any
) -> None:
    """Cars never wait; a motorcycle waits where there is a place for it (simmer vignette 07)."""
    car, cycle, car_done, cycle_done = 0.75 * 0.15, 0.25 * 0.15, 1 / 8, 1 / 3
    # states: empty, car, cycle, car + cycle waiting, cycle + cycle waiting
    rate = np.zeros((5, 5))
    rate[0, 1], rate[0, 2], rate[1, 0], rate[2, 0] = car, cycle, car_done, cycle_done
    if room:
        rate[1, 3], rate[2, 4], rate[3, 2], rate[4, 2] = cycle, cycle, car_done, cycle_done
    n_states = 5 if room else 3
    q = rate[:n_states, :n_states] - np.diag(rate[:n_states, :n_states].sum(axis=1))
    law = np.linalg.lstsq(np.vstack([q.T, np.ones(n_states)]), np.append(np.zeros(n_states), 1.0), rcond=None)[0]
    number = float(law @ np.array([0, 1, 1, 2, 2])[:n_states])
    assert number == pytest.approx(printed, abs=0.6e-10)
    if not room:
        assert law[[1, 0, 2]] == pytest.approx([0.4472049689, 0.4968944099, 0.0559006211], abs=0.6e-10)

    def present(rng: np.random.Generator, systems: int) -> tuple[np.ndarray, ...]:
        state = rng.choice(n_states, size=systems, p=law / law.sum())
        served, second = np.flatnonzero(state > 0), np.flatnonzero(state > 2)
        class_ = np.concatenate([np.array([0, 0, 1, 0, 1])[state[served]], np.ones(len(second), np.int64)])
        zeros = np.zeros(len(class_), np.int64)
        return np.concatenate([served, second]), class_, zeros, zeros

    queue = Queue({(0, 0): car, (1, 0): cycle}, [1], {(0, 0): exponential(car_done), (0, 1): exponential(cycle_done)},
                  400.0, present, more={"room": room, "may_wait": (LOST, NEEDS_ROOM, LOST)})  # fmt: skip
    same_by_both(lambda: queue.world(5, 1))

    def measure(systems: int, seed: int) -> dict[str, np.ndarray]:
        rows, system, first = live(queue.world(systems, seed))
        inside = stays(rows, first, queue.horizon)
        return {
            "mean number": time_in(inside, 0, int(queue.until * queue.unit), system, systems) / queue.until / queue.unit
        }

    hold(record_property, measure, 6_000, {"mean number": number}, size)


# --- A6: general service at one place --------------------------------------------------------------------------------

GENERAL = {  # squared coefficient of variation, law of mean 1, size-biased draw
    "deterministic": (0.0, (DETERMINISTIC, 1.0, 0.0), lambda rng, n: np.ones(n)),
    "erlang 4": (0.25, (GAMMA, 0.25, 4.0), lambda rng, n: rng.gamma(5.0, 0.25, n)),
    "exponential": (1.0, exponential(1.0), lambda rng, n: rng.gamma(2.0, 1.0, n)),
    "gamma 1/2": (2.0, (GAMMA, 2.0, 0.5), lambda rng, n: rng.gamma(1.5, 2.0, n)),
    "lognormal": (
        4.0,
        (LOGNORMAL, *forms.lognormal_parameters(1.0, 2.0)),
        lambda rng, n: _biased_lognormal(rng, n, 2.0),
    ),
}
PRINTED = {0.0: 2.0, 0.25: 2.5, 1.0: 4.0, 2.0: 6.0, 4.0: 10.0}


def _biased_lognormal(rng: np.random.Generator, n: int, cv: float) -> np.ndarray:
    mu, sigma = forms.lognormal_parameters(1.0, cv)
    return np.exp(mu + sigma**2 + sigma * rng.standard_normal(n))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("law", GENERAL)
def test_waits_agree_with_pollaczek_khinchine(law: str, size: Size, record_property: Any) -> None:
    """The first customer brings the stationary work: a geometric number of services already begun."""
    scv, service, biased = GENERAL[law]
    expected = forms.mg1_wait(0.8, 1.0, scv)
    assert expected == pytest.approx(PRINTED[scv], rel=1e-9)

    def present(rng: np.random.Generator, systems: int) -> tuple[np.ndarray, ...]:
        counts = rng.geometric(0.2, systems) - 1
        parts = rng.random(counts.sum()) * biased(rng, int(counts.sum()))
        work = np.bincount(np.repeat(np.arange(systems), counts), weights=parts, minlength=systems)
        system = np.flatnonzero(work > 0.0)
        zeros = np.zeros(len(system), np.int64)
        return system, zeros, zeros, work[system]

    queue = Queue({(0, 0): 0.8}, [1], [service], 20.0, present, tail=2_000.0)
    same_by_both(lambda: queue.world(10, 1))

    def measure(systems: int, seed: int) -> dict[str, np.ndarray]:
        of = asked(queue, systems, seed)
        return {"mean wait": mean_by_system(of, of["wait"], systems, expected)}

    hold(record_property, measure, 30_000, {"mean wait": expected}, size)


# --- A8, A9: impatience, finite sources --------------------------------------------------------------------------------

IMPATIENT = {
    (12.0, 10): (0.195655944011, 0.850384947915, 20.0, 600),
    (66.0, 60): (0.0995714079, 0.8830221114, 4.0, 500),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("arrival", "places"), IMPATIENT)
def test_impatience_agrees_with_erlang_a(arrival: float, places: int, size: Size, record_property: Any) -> None:
    printed_left, printed_wait, until, n = IMPATIENT[arrival, places]
    law = forms.erlang_a_law(arrival, 1.0, places, 0.5, places + 300)
    left = 0.5 * float(law @ np.maximum(np.arange(len(law)) - places, 0)) / arrival
    wait = float(law[places:].sum())
    assert (left, wait) == pytest.approx((printed_left, printed_wait), abs=0.6e-10)
    queue = Queue({(0, 0): arrival}, [places], [exponential(1.0)], until, drawn_from(law), tail=60.0, unit=10**7,
                  more={"patience": 2.0 * 10**7})  # fmt: skip
    same_by_both(lambda: queue.world(2, 1))

    def measure(systems: int, seed: int) -> dict[str, np.ndarray]:
        of = asked(queue, systems, seed)
        return {
            "share who give up": mean_by_system(of, ~of["served"], systems, left),
            "share who wait": mean_by_system(of, of["wait"] > 0, systems, wait),
        }

    hold(record_property, measure, 4 * n, {"share who give up": left, "share who wait": wait}, size)


FINITE = {
    (20, 0.1, 1.0, 2): (3.45209424375, 1.08612152776, 60.0),
    (60, 0.5, 2.0, 10): (20.2979924957, 0.52251718599, 10.0),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("customers", "calling", "service", "places"), FINITE)
def test_finite_sources_agree_with_their_chain(
    customers: int, calling: float, service: float, places: int, size: Size, record_property: Any
) -> None:
    printed_number, printed_wait, until = FINITE[customers, calling, service, places]
    law = forms.finite_source_law(customers, calling, service, places)
    number = float(law @ np.arange(customers + 1))
    wait = float(law @ np.maximum(np.arange(customers + 1) - places, 0)) / (calling * (customers - number))
    assert (number, wait) == pytest.approx((printed_number, printed_wait), abs=0.6e-10)
    queue = Queue({}, [places], [exponential(service)], until, _source(law, customers), tail=40.0,
                  more={"away": 10**6 / calling})  # fmt: skip

    def world(systems: int, seed: int) -> Any:
        made = queue.world(systems, seed)
        away = made.people["first"] == 1  # marked by `_source`: not there at the beginning
        made.people["first"] = 0
        rng = np.random.default_rng(seed + 77)
        made.people["comes"][away] = np.floor(rng.exponential(queue.unit / calling, away.sum())).astype(np.int64) + 1
        return made

    same_by_both(lambda: world(3, 1))

    def measure(systems: int, seed: int) -> dict[str, np.ndarray]:
        rows, system, first = live(world(systems, seed))
        end = int(queue.until * queue.unit)
        found = waits(rows, 0, queue.horizon)
        came = (found.asked > 0) & (found.asked <= end)
        of = {"system": system[found.resident[came]]}
        inside = stays(rows, first, queue.horizon)
        return {
            "mean number": time_in(inside, 0, end, system, systems) / end,
            "mean wait": mean_by_system(of, (found.ended - found.asked)[came] / queue.unit, systems, wait),
        }

    hold(record_property, measure, 1_000, {"mean number": number, "mean wait": wait}, size)


def _source(law: np.ndarray, customers: int) -> Any:
    def present(rng: np.random.Generator, systems: int) -> tuple[np.ndarray, ...]:
        inside = rng.choice(len(law), size=systems, p=law)
        system = np.repeat(np.arange(systems), customers)
        rank = np.tile(np.arange(customers), systems)
        away = (rank >= inside[system]).astype(np.int64)
        return system, 0 * away, away, 0 * away

    return present


# --- A10: classes ----------------------------------------------------------------------------------------------------

WARM_UP = 150.0  # units: 15 relaxation times 1 / (sqrt(mu) - sqrt(lambda))^2 of the slower queue from empty


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("places", "printed"), [(1, (0.238095, 0.324675, 0.909091)), (2, (0.028736, 0.033156, 0.048077))]
)
def test_classes_agree_with_cobham(places: int, printed: tuple[float, ...], size: Size, record_property: Any) -> None:
    """The hospital of Hillier and Lieberman: critical before serious before stable, nobody interrupted."""
    expected = forms.cobham([0.2, 0.6, 1.2], 3.0, places)
    assert expected == pytest.approx(printed, abs=0.6e-6)
    queue = Queue({(0, 0): 0.2, (1, 0): 0.6, (2, 0): 1.2}, [places], [exponential(3.0)], 2.5 * WARM_UP, tail=100.0,
                  more={"may_wait": (MAY_WAIT,) * 3})  # fmt: skip
    same_by_both(lambda: queue.world(2, 1))

    def measure(systems: int, seed: int) -> dict[str, np.ndarray]:
        of = asked(queue, systems, seed, after=WARM_UP)
        return {
            f"mean wait of class {k + 1}": mean_by_system(of, of["wait"], systems, expected[k], only=of["class"] == k)
            for k in range(3)
        }

    named = {f"mean wait of class {k + 1}": expected[k] for k in range(3)}
    hold(record_property, measure, 1_000, named, size)


# --- services of every law -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_busy_places_agree_with_insensitivity_for_weibull_stays(size: Size, record_property: Any) -> None:
    """M/G/infinity in its stationary law: busy places are load, whatever the law; from empty after 40 mean stays of shape 2."""
    from scipy.special import gamma as gamma_function

    mean = float(gamma_function(1.5))
    queue = Queue({(0, 0): 20.0}, [1 << 30], [(WEIBULL, 1.0, 2.0)], 12.0, tail=10.0)
    same_by_both(lambda: queue.world(2, 1))

    def measure(systems: int, seed: int) -> dict[str, np.ndarray]:
        rows, system, first = live(queue.world(systems, seed))
        inside = stays(rows, first, queue.horizon)
        at = [time_in(inside, 0, int(t * queue.unit), system, systems) / queue.unit for t in (6.0, 12.0)]
        return {"busy places": (at[1] - at[0]) / 6.0}

    hold(record_property, measure, 1_500, {"busy places": 20.0 * mean}, size)
