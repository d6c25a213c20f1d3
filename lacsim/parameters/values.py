"""A parameter set: the register read under one stance, with the user's own choices on top.

A parameter set never changes; `replace` and `with_stance` make a new, re-validated one. Text files of choices
are read and written in `files.py`, samples are drawn in `sampling.py`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lacsim import evidence
from lacsim.errors import RegisterError
from lacsim.parameters.checks import DEFAULT_STANCE, STANCES, together_faults
from lacsim.parameters.entries import Claim, Entry, Fixed
from lacsim.parameters.fitted import Block, stored_blocks
from lacsim.parameters.register import Register, grade_of, load_register, unknown_name
from lacsim.units import UNITS, Value, did_you_mean, value_fault

if TYPE_CHECKING:
    import pandas as pd

TABLE_COLUMNS = (
    "name",
    "value",
    "low",
    "high",
    "unit",
    "source",
    "where",
    "grade",
    "kind",
    "quote",
    "meaning",
    "claim",
    "role",
    "overridden",
)


def checked_value(entry: Entry, value: object) -> Value:
    """A value in the type its unit asks for.

    Raises
    ------
    RegisterError
        If the value is of the wrong type, not finite, outside the range or not among the choices.
    """
    unit = UNITS[entry.unit]
    allowed = (float(entry.range[0]), float(entry.range[1])) if entry.range is not None else None
    fault = value_fault(value, unit, allowed)
    if fault is None and entry.choices is not None and value not in entry.choices:
        hint = did_you_mean(str(value), entry.choices)
        fault = f"must be one of {', '.join(entry.choices)}; found {value!r}.{hint}"
    if fault is not None:
        raise RegisterError(fault)
    if isinstance(value, (bool, str)):
        return value
    assert isinstance(value, (int, float))
    return float(value) + 0.0


@dataclass(frozen=True, repr=False)
class Parameters:
    """Every parameter of the model under one stance on the evidence.

    Numbers are floats in the entry's unit; names are text and switches are booleans. An overridden parameter
    is a choice, so it has no spread.

    Parameters
    ----------
    register
        The checked register.
    stance
        reported, controlled or sceptical.
    overrides
        Values set by the user, by full name; already checked.
    blocks
        Posteriors of the fits; their rows replace the spreads they began with.
    """

    register: Register
    stance: str
    overrides: dict[str, Value]
    blocks: tuple[Block, ...] = ()

    def __getitem__(self, name: str) -> Value:
        """The value in use of the parameter with this full name."""
        if name in self.overrides:
            return self.overrides[name]
        return self._stance_values[name] if name in self._stance_values else self._unknown(name)

    def __repr__(self) -> str:
        """How many there are, the stance, and what was set."""
        chosen = ", ".join(f"{name} = {value}" for name, value in self.overrides.items())
        return f"{len(self.names())} parameters, {self.stance} stance; {f'set: {chosen}' if chosen else 'nothing set'}"

    def __contains__(self, name: object) -> bool:
        """Whether there is a parameter of this name."""
        return name in self.register.entries

    @cached_property
    def _stance_values(self) -> dict[str, Value]:
        return {name: checked_value(self.entry(name), self._central(name)) for name in self.names()}

    def _central(self, name: str) -> object:
        """The claim's own value, or the fit's where the data informed it."""
        block = self.block(name)
        central = block.central(name) if block else None
        return self.claim(name).value if central is None else central

    def block(self, name: str) -> Block | None:
        """The fit whose rows stand for this parameter, or None: not fitted, or another claim is read."""
        if name in self.overrides:
            return None
        spread = self.claim(name).spread
        return next((block for block in self.blocks if block.covers(name, spread)), None)

    def _unknown(self, name: str) -> Value:
        raise RegisterError(unknown_name(name, self.register.entries))

    def number(self, name: str) -> float:
        """The value of a numeric parameter, in its unit.

        Raises
        ------
        RegisterError
            If the parameter is a name or a switch.
        """
        value = self[name]
        if isinstance(value, (bool, str)):
            raise RegisterError(
                f"{name}: is a {self.entry(name).unit}, not a number (it is {value!r}). Read it with []."
            )
        return float(value)

    def names(self) -> list[str]:
        """All parameter names, sorted."""
        return list(self.register.entries)

    def values(self) -> dict[str, Value]:
        """All values in use by name, sorted by name."""
        return {name: self[name] for name in self.names()}

    def entry(self, name: str) -> Entry:
        """The register entry of this name."""
        return self.register.entry(name)

    def claim_name(self, name: str) -> str:
        """Which of the entry's claims this stance reads."""
        return self.entry(name).claim_for(self.stance)

    def claim(self, name: str) -> Claim:
        """The claim this stance reads; an override does not change it."""
        entry = self.entry(name)
        return entry.claims[entry.claim_for(self.stance)]

    def uncertain(self) -> list[str]:
        """Names of parameters with a spread that the user has not overridden, sorted."""
        return [
            name
            for name in self.names()
            if name not in self.overrides
            and self.entry(name).role != "claim"
            and not isinstance(self.claim(name).spread, Fixed)
        ]

    def replace(self, changes: Mapping[str, object]) -> Parameters:
        """A re-validated copy with some values set; each is then a choice without spread.

        Raises
        ------
        RegisterError
            With every unknown name and every unacceptable value.
        """
        faults: list[str] = []
        accepted = dict(self.overrides)
        for name, value in changes.items():
            if name not in self.register.entries:
                faults.append(unknown_name(name, self.register.entries))
                continue
            try:
                accepted[name] = checked_value(self.entry(name), value)
            except RegisterError as why:
                faults.append(f"{name}: {why}")
        changed = Parameters(self.register, self.stance, dict(sorted(accepted.items())), self.blocks)
        faults = faults or together_faults(changed.values())
        if faults:
            raise RegisterError(faults)
        return changed

    def with_stance(self, stance: str) -> Parameters:
        """The same overrides under another stance on the evidence."""
        return Parameters(self.register, checked_stance(stance), self.overrides, self.blocks)

    def without_overrides(self) -> Parameters:
        """The same stance and fits with nothing set by the user."""
        return Parameters(self.register, self.stance, {}, self.blocks)

    @property
    def sha256(self) -> str:
        """Hash of stance, overrides, values and spreads: two sets with one hash give the same draws."""
        content = {
            name: [
                self[name],
                None if name in self.overrides else self.claim(name).spread.model_dump(exclude_none=True),
            ]
            for name in self.names()
        }
        fits = [block.sha256 for block in self.blocks]
        text = json.dumps([self.stance, dict(self.overrides), content, fits], sort_keys=True, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def low_high(self, name: str) -> tuple[float, float] | None:
        """5th and 95th percentiles of a parameter in its unit, or None when it is not a number."""
        value = self[name]
        if isinstance(value, (bool, str)):
            return None
        if name in self.overrides or isinstance(self.claim(name).spread, Fixed):
            return float(value), float(value)
        block = self.block(name)
        if block is not None:
            return block.quantile(name, 0.05), block.quantile(name, 0.95)
        from lacsim.parameters.distributions import ppf

        low, high = ppf(self.claim(name).spread, float(value), [0.05, 0.95])
        return float(low), float(high)

    def table(self) -> pd.DataFrame:
        """One row per parameter, with its pedigree; `low` and `high` are the 5th and 95th percentiles."""
        import pandas as pd

        rows = []
        known = evidence.sources()
        for name in self.names():
            entry, claim, ends = self.entry(name), self.claim(name), self.low_high(name)
            rows.append(
                {
                    "name": name,
                    "value": self[name],
                    "low": ends[0] if ends else None,
                    "high": ends[1] if ends else None,
                    "unit": entry.unit,
                    "source": known[claim.source].citation,
                    "where": claim.where,
                    "grade": grade_of(claim),
                    "kind": claim.kind,
                    "quote": claim.quote or "",
                    "meaning": entry.meaning,
                    "claim": self.claim_name(name),
                    "role": entry.role,
                    "overridden": name in self.overrides,
                }
            )
        return pd.DataFrame(rows, columns=list(TABLE_COLUMNS))

    def to_toml(self) -> str:
        """All values as a text file that `params_from_file` reads back to an equal set."""
        from lacsim.parameters.files import to_toml

        return to_toml(self)


def checked_stance(stance: str) -> str:
    """The stance, if it is one.

    Raises
    ------
    RegisterError
        If there is no such stance.
    """
    if stance not in STANCES:
        raise RegisterError(f"stance '{stance}' is not known.{did_you_mean(stance, STANCES)} Use {', '.join(STANCES)}.")
    return stance


def params(stance: str = DEFAULT_STANCE, *, fitted: bool = True) -> Parameters:
    """The checked register under a stance on the evidence, with nothing overridden.

    Parameters
    ----------
    fitted
        Whether the posteriors of the fits replace the spreads they began with; without them the priors are read.
    """
    return Parameters(load_register(), checked_stance(stance), {}, stored_blocks() if fitted else ())
