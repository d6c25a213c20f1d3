"""Who is likely to hold the data that would settle a figure, and what it takes to get them: our judgement, no source.

Holders are kinds of office, not names, so that the table stands for any council.
"""

from __future__ import annotations

from typing import Final

_HOLDERS: Final = {
    "adult_care": ("council, adult social care records", "a data request"),
    "appraisal": ("council and NHS finance", "a decision, not data"),
    "cashability": ("holders of the budgets, council and NHS", "a meeting with each"),
    "coordination": ("the coordination team's own log", "a data request"),
    "coordination.waits": ("the coordination team", "a year of dated records"),
    "coordination.gives_up": ("the coordination team", "a year of dated records"),
    "effects": ("council and NHS records, linked", "a comparison group, about two years"),
    "effects.front_door": ("council, front door records", "six months of outcomes"),
    "effects.wellbys": ("people supported", "a survey before and after, with others like them"),
    "hospital": ("NHS, hospital records", "a data request"),
    "natural_history": ("NHS and council records, linked", "a linked extract"),
    "population": ("council, public health", "a data request"),
    "programme": ("council finance", "a data request"),
    "residential": ("council, adult social care records", "a data request"),
    "sroi": ("people supported and their families", "a survey"),
    "unit_costs": ("council and NHS finance", "local accounts for the year"),
    "unit_costs.wellby": ("HM Treasury", "a value to choose, not data"),
}


def holder_of(name: str) -> tuple[str, str]:
    """Holder and effort for a register name: those of the longest beginning that is listed."""
    found = [start for start in _HOLDERS if name.startswith(start)]
    return _HOLDERS[max(found, key=len)] if found else ("not known", "not known")
