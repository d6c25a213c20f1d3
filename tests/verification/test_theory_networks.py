"""Networks and queues that are not in their stationary law: Jackson, M/M/c and M/G/infinity from empty, thinned arrivals."""

from __future__ import annotations

import math
from typing import Any

import closed_forms as forms
import numpy as np
import pytest
from duration_rules import DETERMINISTIC, LOGNORMAL
from scipy import integrate, stats
from theory_worlds import Queue, exponential, live, same_by_both
from trace_reading import number_in, stays, time_in
from two_stage import SIZES, Size, hold, per_system

from lacsim.model.trace import HAPPENED

PLENTY = 1 << 30  # places


# --- A11: an open network ----------------------------------------------------------------------------------------------

OUTSIDE = np.array([0.3, 0.2, 0.0])
ROUTES = np.array([[0.0, 0.3, 0.7], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
SERVICE, PLACES = np.array([1.0, 0.4, 0.5]), [1, 2, 2]


@pytest.mark.parametrize("size", SIZES)
def test_a_network_agrees_with_jackson(size: Size, record_property: Any) -> None:
    """The café of the Ciw tutorials, started in its product form."""
    rates, numbers, time = forms.jackson(OUTSIDE, ROUTES, SERVICE, PLACES)
    assert numbers == pytest.approx([0.42857143, 0.8346825, 1.33333333], abs=0.6e-8)
    assert time == pytest.approx(5.193174517513, abs=1e-12)
    laws = [forms.mmc_law(a, m, c, 200) for a, m, c in zip(rates, SERVICE, PLACES, strict=True)]

    def present(rng: np.random.Generator, systems: int) -> tuple[np.ndarray, ...]:
        there = [np.repeat(np.arange(systems), rng.choice(len(law), size=systems, p=law)) for law in laws]
        system = np.concatenate(there)
        return system, 0 * system, np.repeat(np.arange(3), [len(t) for t in there]), 0 * system

    queue = Queue({(0, 0): 0.3, (0, 1): 0.2}, PLACES, [exponential(m) for m in SERVICE], 100.0, present,
                  more={"route": ROUTES})  # fmt: skip
    same_by_both(lambda: queue.world(3, 1))

    def measure(systems: int, seed: int) -> dict[str, np.ndarray]:
        world = queue.world(systems, seed)
        comes = world.people["comes"].copy()
        rows, system, first = live(world)
        inside = stays(rows, first, queue.horizon)
        end = queue.until * queue.unit
        found = {
            f"mean number at station {k + 1}": time_in(inside, k, int(end), system, systems) / end for k in range(3)
        }
        at_station = (inside.stage < 3) & (comes[inside.resident] > 0)
        seconds = (inside.end - inside.start)[at_station] / queue.unit
        sums = np.bincount(system[inside.resident[at_station]], weights=seconds, minlength=systems)
        found["time inside"] = per_system(sums, np.bincount(system[comes > 0], minlength=systems), time)
        return found

    expected = {f"mean number at station {k + 1}": float(numbers[k]) for k in range(3)}
    hold(record_property, measure, 4_000, {**expected, "time inside": time}, size)


# --- A7, A14: from empty -----------------------------------------------------------------------------------------------


def numbers_at(queue: Queue, times: list[float], systems: int, seed: int) -> dict[str, np.ndarray]:
    """Number inside each system at instants."""
    rows, system, first = live(queue.world(systems, seed))
    inside = stays(rows, first, queue.horizon)
    return {f"number at {t}": number_in(inside, 0, int(t * queue.unit), system, systems) for t in times}


@pytest.mark.parametrize("size", SIZES)
def test_a_service_without_limit_fills_up_from_empty_as_theory_says(size: Size, record_property: Any) -> None:
    """M/G/infinity with lognormal stays: the number at t is Poisson, so its variance is held to its mean as well."""
    mu, sigma = forms.lognormal_parameters(0.5, 1.0)
    times = [0.25, 0.5, 1.0, 2.0, 6.0]
    survival = stats.lognorm(sigma, scale=math.exp(mu)).sf
    means = [forms.busy_from_empty(190.0, survival, t) for t in times]
    assert means == pytest.approx([41.47334293, 64.33467423, 82.94668585, 92.04871127, 94.89745693], abs=0.6e-8)
    queue = Queue({(0, 0): 190.0}, [PLENTY], [(LOGNORMAL, mu, sigma)], 6.5, tail=0.5, unit=10**7)
    same_by_both(lambda: queue.world(1, 1))
    expected = {f"number at {t}": m for t, m in zip(times, means, strict=True)}

    def measure(systems: int, seed: int) -> dict[str, np.ndarray]:
        found = numbers_at(queue, times, systems, seed)
        return {**found, "variance at 2.0": (found["number at 2.0"] - means[3]) ** 2}

    hold(record_property, measure, 600, {**expected, "variance at 2.0": means[3]}, size)


FROM_EMPTY = {
    (0.8, 1): ([5.0, 20.0, 100.0], (1.4694608278, 2.6476349240, 3.7918726926), 8_000),
    (8.0, 10): ([1.0, 5.0, 20.0], (5.0610551222, 8.7191507826, 9.5881870268), 5_000),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("arrival", "places"), FROM_EMPTY)
def test_a_queue_fills_up_from_empty_as_its_chain_says(
    arrival: float, places: int, size: Size, record_property: Any
) -> None:
    times, printed, n = FROM_EMPTY[arrival, places]
    means = forms.mean_number_from_empty(arrival, 1.0, places, times, 600)
    assert means == pytest.approx(printed, abs=0.6e-10)
    queue = Queue({(0, 0): arrival}, [places], [exponential(1.0)], times[-1] * 1.01, tail=1.0)
    same_by_both(lambda: queue.world(3, 1))
    expected = {f"number at {t}": m for t, m in zip(times, means, strict=True)}
    hold(record_property, lambda systems, seed: numbers_at(queue, times, systems, seed), n, expected, size)


# --- thinned arrivals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_thinned_arrivals_follow_the_rate_at_the_candidate_and_not_before(size: Size, record_property: Any) -> None:
    """Rate 10 (1 + 0.9 sin(2 pi t / 2)); candidates come at 19 and are accepted by the rate at their own second."""
    mean, swing, period, stay = 10.0, 0.9, 2.0, 0.3
    queue = Queue({(0, 0): mean * (1 + swing)}, [PLENTY], [(DETERMINISTIC, stay, 0.0)], 4.0, tail=1.0,
                  more={"thinning": swing, "period": period * 10**6})  # fmt: skip
    same_by_both(lambda: queue.world(3, 1))

    def rate(t: float) -> float:
        return mean * (1.0 + swing * math.sin(2.0 * math.pi * t / period))

    quarters = [(0.5 * k, 0.5 * (k + 1)) for k in range(8)]
    expected = {f"come in {a} to {b}": integrate.quad(rate, a, b)[0] for a, b in quarters}
    inside = {f"number at {t}": integrate.quad(rate, t - stay, t)[0] for t in (0.6, 1.6, 3.5)}

    def measure(systems: int, seed: int) -> dict[str, np.ndarray]:
        rows, system, first = live(queue.world(systems, seed))
        came = rows[(rows["what"] == HAPPENED) & (rows["entered"] == 0) & (rows["left"] != 0)]
        at, where = came["seconds"] / queue.unit, system[came["resident"]]
        found = {
            f"come in {a} to {b}": np.bincount(where[(at >= a) & (at < b)], minlength=systems) for a, b in quarters
        }
        during = stays(rows, first, queue.horizon)
        for t in (0.6, 1.6, 3.5):
            found[f"number at {t}"] = number_in(during, 0, int(t * queue.unit), system, systems)
        return found

    hold(record_property, measure, 6_000, {**expected, **inside}, size)
