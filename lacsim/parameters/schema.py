"""JSON Schemas, so that an editor completes keys and underlines mistakes while a file is being written."""

from __future__ import annotations

from typing import Any

from lacsim.parameters.entries import Entry
from lacsim.parameters.register import Register, load_register
from lacsim.units import UNITS


def register_schema() -> dict[str, Any]:
    """Schema of one file of the register: a table of entries by key."""
    entry = Entry.model_json_schema(ref_template="#/$defs/{model}")
    definitions = entry.pop("$defs")
    entry["properties"]["unit"] = {"enum": sorted(UNITS), "description": "one of the closed list of units"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "lacsim parameter register",
        "type": "object",
        "additionalProperties": {"$ref": "#/$defs/Entry"},
        "$defs": {**definitions, "Entry": entry},
    }


def parameter_file_schema(register: Register | None = None) -> dict[str, Any]:
    """Schema of a user's parameter file: every parameter with its meaning, unit and range."""
    sections: dict[str, dict[str, Any]] = {}
    for name, entry in (register or load_register()).entries.items():
        section, key = name.split(".", 1)
        kind = UNITS[entry.unit].kind
        value: dict[str, Any] = {"type": {"switch": "boolean", "text": "string"}.get(kind, "number")}
        if entry.range is not None:
            value["minimum"], value["maximum"] = float(entry.range[0]), float(entry.range[1])
        if entry.choices is not None:
            value["enum"] = list(entry.choices)
        held = {
            "type": "object",
            "required": ["value"],
            "additionalProperties": False,
            "properties": {
                "value": value,
                "unit": {"const": entry.unit},
                "fixed": {"type": "boolean"},
                "note": {"type": "string"},
            },
        }
        described = {"description": f"{entry.meaning} Unit: {entry.unit}.", "anyOf": [value, held]}
        table = sections.setdefault(section, {"type": "object", "additionalProperties": False, "properties": {}})
        table["properties"][key] = described
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "lacsim parameter file",
        "type": "object",
        "additionalProperties": False,
        "properties": {"stance": {"enum": ["reported", "controlled", "sceptical"]}, **sections},
    }
