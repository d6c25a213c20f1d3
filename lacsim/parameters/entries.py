"""The shape of one register entry, as it may be written in TOML.

These models accept or refuse the keys and types of an entry; whether a source exists, a quotation stands or a
value lies in its range is checked in `checks.py`. Two words are kept apart: spread is uncertainty about a
number, variation is difference between people and belongs to the model's rules.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

Number = StrictFloat | StrictInt
EntryValue = StrictBool | StrictInt | StrictFloat | StrictStr
Role = Literal["universal", "local", "lever", "calibrated", "claim"]
ClaimKind = Literal["published", "routine_data", "derived", "elicited", "assumed"]
Grade = Literal["A", "B", "C", "D"]
Payer = Literal["council", "nhs", "better_care_fund", "housing", "police", "resident", "society"]
Cashable = Literal["cashable", "partly", "non-cashable"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fixed(_Strict):
    """The number is exact, or a choice."""

    family: Literal["fixed"]


class Normal(_Strict):
    """Bell-shaped about a mean, with a standard error in the entry's unit."""

    family: Literal["normal"]
    mean: Number
    se: Number


class Lognormal(_Strict):
    """Bell-shaped on the log scale: median and ratio of the 95th percentile to it, or both percentiles."""

    family: Literal["lognormal"]
    median: Number | None = None
    ratio: Number | None = None
    low: Number | None = None
    high: Number | None = None


class Gamma(_Strict):
    """Positive and skewed to the right, with a mean and standard error in the entry's unit."""

    family: Literal["gamma"]
    mean: Number
    se: Number


class Beta(_Strict):
    """A share: mean and standard error, or 5th and 95th percentiles."""

    family: Literal["beta"]
    mean: Number | None = None
    se: Number | None = None
    low: Number | None = None
    high: Number | None = None


class Uniform(_Strict):
    """Anything between two ends, equally likely."""

    family: Literal["uniform"]
    low: Number
    high: Number


class Pert(_Strict):
    """A smooth hump between two ends with a most likely value (beta-PERT, weight 4)."""

    family: Literal["pert"]
    low: Number
    mode: Number
    high: Number


Spread = Annotated[Fixed | Normal | Lognormal | Gamma | Beta | Uniform | Pert, Field(discriminator="family")]
FAMILIES = ("fixed", "normal", "lognormal", "gamma", "beta", "uniform", "pert")


class Claim(_Strict):
    """One source's answer to what an entry's number is."""

    value: EntryValue
    spread: Spread
    source: StrictStr = Field(min_length=1)
    where: StrictStr = Field(min_length=1)
    kind: ClaimKind
    quote: StrictStr | None = None
    derivation: StrictStr | None = None
    mind_changer: StrictStr | None = None
    grade: Grade | None = None
    price_year: StrictStr | None = None
    payer: Payer | None = None
    cashable: Cashable | None = None
    note: StrictStr | None = None


class Entry(_Strict):
    """One number of the model, with every claim about it and the one in use.

    `use` names the claim read when a stance says nothing; a stance reads the claim of its own name, or the
    one its name is mapped to in `stances`.
    """

    meaning: StrictStr = Field(min_length=1)
    unit: StrictStr
    role: Role
    use: StrictStr
    claims: dict[str, Claim] = Field(min_length=1)
    range: tuple[Number, Number] | None = None
    choices: tuple[StrictStr, ...] | None = None
    stances: dict[str, StrictStr] = Field(default_factory=dict)

    def claim_for(self, stance: str) -> str:
        """Name of the claim this stance reads: its own, the one it is mapped to, or the one in use."""
        if stance in self.claims:
            return stance
        return self.stances.get(stance, self.use)
