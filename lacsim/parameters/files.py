"""Parameter files: a user's own values, or all values of a run, as TOML.

A file holds `stance = "…"` and one table per subject. A value that differs from the register is an override;
to hold a value fixed although it equals the register's, write `key = {value = 40, fixed = true}`.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from lacsim.errors import RegisterError
from lacsim.parameters.register import line_numbers, unknown_name
from lacsim.parameters.values import Parameters, checked_stance, checked_value, params
from lacsim.units import Value, did_you_mean

_FIELDS = ("value", "unit", "fixed", "note")
_LARGEST_FILE = 1_000_000


def _literal(value: Value) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (bool, str)) else repr(float(value))


def to_toml(parameters: Parameters) -> str:
    """All values with their units as comments; overrides are marked as fixed.

    `params_from_file` reads the text back to a set with the same hash.
    """
    lines = ["# Parameters of the Local Area Coordination model.", f'stance = "{parameters.stance}"']
    section = ""
    for name, value in parameters.values().items():
        head, key = name.split(".", 1)
        if head != section:
            lines += ["", f"[{head}]"]
            section = head
        unit = parameters.entry(name).unit
        if name in parameters.overrides:
            lines.append(f"{key} = {{value = {_literal(value)}, fixed = true}}  # {unit}")
        else:
            lines.append(f"{key} = {_literal(value)}  # {unit}")
    return "\n".join(lines) + "\n"


def _parsed(path: Path) -> tuple[dict[str, object], str]:
    try:
        size = path.stat().st_size
        if size > _LARGEST_FILE:
            raise RegisterError(
                f"{path.name}: has {size:,} bytes, more than {_LARGEST_FILE:,}. Is it a parameter file?"
            )
        text = path.read_text(encoding="utf-8-sig")
        return tomllib.loads(text), text
    except UnicodeDecodeError as why:
        raise RegisterError(f"{path.name}: is not UTF-8 text. Save it as UTF-8 and try again.") from why
    except OSError as why:
        raise RegisterError(f"{path.name}: cannot be read ({why.strerror}). Check the path.") from why
    except (ValueError, RecursionError) as why:
        raise RegisterError(f"{path.name}: is not valid TOML ({why}). Correct the line named.") from why


def _setting(
    parameters: Parameters, name: str, given: object, stance_values: Parameters
) -> tuple[Value | None, str | None]:
    """An override or None, and a fault or None, for one key of a file."""
    if name not in parameters.register.entries:
        return None, unknown_name(name, parameters.register.entries)
    entry = parameters.entry(name)
    fixed = False
    if isinstance(given, dict):
        odd = [key for key in given if key not in _FIELDS]
        if odd:
            return None, f"{name}: '{odd[0]}' is not a field here.{did_you_mean(odd[0], _FIELDS)}"
        if given.get("unit", entry.unit) != entry.unit:
            return None, f"{name}: unit '{given['unit']}' is not its unit. Give it in '{entry.unit}'."
        fixed = given.get("fixed") is True
        given = given.get("value")
    try:
        value = checked_value(entry, given)
    except RegisterError as why:
        return None, f"{name}: {why}"
    differs = value != stance_values[name] or value != parameters[name]
    return (value if fixed or differs else None), None


def params_from_file(path: str | Path, base: Parameters | None = None) -> Parameters:
    """A parameter set with the values of a file laid over a base.

    Parameters
    ----------
    path
        TOML file with an optional `stance` and one table per subject.
    base
        What the file is laid over; the default stance if not given. The file's stance replaces the base's.

    Raises
    ------
    RegisterError
        With every unknown name and unacceptable value, each with file and line.
    """
    path = Path(path)
    content, text = _parsed(path)
    lines = line_numbers(text)
    faults: list[str] = []
    start = base or params()
    stance = content.pop("stance", start.stance)
    try:
        start = start.with_stance(checked_stance(str(stance)))
    except RegisterError as why:
        faults.append(f"{path.name}:{lines.get(('stance',), 1)}  {why}")
    plain = start.without_overrides()
    changes: dict[str, object] = {}
    for section, table in content.items():
        if not isinstance(table, dict):
            hint = "Write it under its table, as [coordination]."
            faults.append(f"{path.name}:{lines.get((section,), 1)}  {section}: is not a table of parameters. {hint}")
            continue
        for key, given in table.items():
            value, fault = _setting(start, f"{section}.{key}", given, plain)
            if fault:
                faults.append(f"{path.name}:{lines.get((section, key), 1)}  {fault}")
            elif value is not None:
                changes[f"{section}.{key}"] = value
    if faults:
        raise RegisterError(faults)
    return start.replace(changes)
