"""Luck with an address: Philox 4x64-10, named by seed, replication, resident, decision and occasion.

A uniform number is found by its address, never by the order of asking, so two scenarios that reach the same
decision of the same resident meet the same luck. The words equal `numpy.random.Philox` (whose counter is one
ahead: NumPy steps the counter before it draws). Nothing here keeps state.

Source
------
Salmon, Moraes, Dror & Shaw (2011), doi 10.1145/2063384.2063405. Normal quantile: Wichura (1988), Algorithm
AS 241 PPND16, doi 10.2307/2347330 (relative accuracy about 1e-16).
"""

from __future__ import annotations

import math

import numpy as np

from lacsim.model.compiling import rule

_M0 = np.uint64(0xD2E7470EE14C6C93)
_M1 = np.uint64(0xCA5A826395121157)
_W0 = np.uint64(0x9E3779B97F4A7C15)
_W1 = np.uint64(0xBB67AE8584CAA73B)
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_12 = np.uint64(12)
_STEP = 2.0**-52

# Decisions that are luck but not clocks. Clocks use their own number (0..31) as the decision; a decision that
# belongs to an occasion of a clock is numbered `32 * decision + clock`. Append only.
TRIAGE = 1
MET_FIRST = 2
HELP_IS_FOUND = 3
INTRODUCED = 4
ASSESSMENT_DAYS = 5
ASSESSMENT_OUTCOME = 6
REABLEMENT_ENDS_WELL = 7
STAY_DAYS = 8
NEEDS_ASSESSMENT = 9
ARRANGING_DAYS = 10
LEAVES_DIFFICULTY = 11
FUNDING = 12
NURSING_CARE = 13
CONTACT_MINUTES = 14
# Decisions of the start: who somebody is.
AGE = 2001
NEED = 2002
TENURE = 2003
FRAILTY = 2004
START_STAGE = 2005
START_DIFFICULTY = 2006
START_PACKAGE = 2007
START_STAY = 2008
START_RANK = 2009
ARRIVAL_TIME = 2010
START_FUNDING = 2011
START_NURSING = 2012
START_REQUEST = 2013
KNOWN_TO_MASH = 2014


@rule
def _high_half(a: np.uint64, b: np.uint64) -> np.uint64:
    """High 64 bits of the 128-bit product."""
    a_low, a_high = a & _LOW, a >> _32
    b_low, b_high = b & _LOW, b >> _32
    low = a_low * b_low
    middle = a_high * b_low + (low >> _32)
    cross = a_low * b_high + (middle & _LOW)
    return a_high * b_high + (middle >> _32) + (cross >> _32)


@rule
def philox(c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, key: np.uint64) -> np.uint64:
    """First 64-bit word of Philox 4x64-10 for one counter and the key (key, 0).

    Equals `numpy.random.Philox(key=[key, 0], counter=c - 1).random_raw()` with `c` the 256-bit counter
    (c0 lowest). Exact.
    """
    k0, k1 = key, np.uint64(0)
    for _ in range(10):
        high0 = _high_half(_M0, c0)
        low0 = _M0 * c0
        high1 = _high_half(_M1, c2)
        low1 = _M1 * c2
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0 += _W0
        k1 += _W1
    return c0


@rule
def uniform(seed: int, replication: int, resident: int, decision: int, occasion: int) -> float:
    """One uniform number strictly between 0 and 1 for one decision of one resident.

    52 bits and a half step, so neither 0 nor 1 can come out.
    """
    word = philox(
        np.uint64(occasion), np.uint64(decision), np.uint64(resident), np.uint64(replication), np.uint64(seed)
    )
    return (np.float64(word >> _12) + 0.5) * _STEP


@rule
def normal_quantile(p: float) -> float:
    """Standard normal quantile of `p` in (0, 1)."""
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return (
            q
            * (
                (
                    (
                        (
                            (
                                ((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
                                + 45921.953931549871457
                            )
                            * r
                            + 13731.693765509461125
                        )
                        * r
                        + 1971.5909503065514427
                    )
                    * r
                    + 133.14166789178437745
                )
                * r
                + 3.387132872796366608
            )
            / (
                (
                    (
                        (
                            (
                                ((5226.495278852854561 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
                                + 21213.794301586595867
                            )
                            * r
                            + 5394.1960214247511077
                        )
                        * r
                        + 687.1870074920579083
                    )
                    * r
                    + 42.313330701600911252
                )
                * r
                + 1.0
            )
        )
    r = math.sqrt(-math.log(p if q < 0.0 else 1.0 - p))
    if r <= 5.0:
        r -= 1.6
        x = (
            (
                (
                    (
                        (
                            ((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r
                            + 1.27045825245236838258
                        )
                        * r
                        + 3.64784832476320460504
                    )
                    * r
                    + 5.7694972214606914055
                )
                * r
                + 4.6303378461565452959
            )
            * r
            + 1.42343711074968357734
        ) / (
            (
                (
                    (
                        (
                            ((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966)
                            * r
                            + 0.14810397642748007459
                        )
                        * r
                        + 0.68976733498510000455
                    )
                    * r
                    + 1.6763848301838038494
                )
                * r
                + 2.05319162663775882187
            )
            * r
            + 1.0
        )
    else:
        r -= 5.0
        x = (
            (
                (
                    (
                        (
                            ((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386)
                            * r
                            + 0.026532189526576123093
                        )
                        * r
                        + 0.29656057182850489123
                    )
                    * r
                    + 1.7848265399172913358
                )
                * r
                + 5.4637849111641143699
            )
            * r
            + 6.6579046435011037772
        ) / (
            (
                (
                    (
                        (
                            ((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5)
                            * r
                            + 7.868691311456132591e-4
                        )
                        * r
                        + 0.0148753612908506148525
                    )
                    * r
                    + 0.13692988092273580531
                )
                * r
                + 0.59983220655588793769
            )
            * r
            + 1.0
        )
    return -x if q < 0.0 else x
