"""`lacsim params`: every number of the model with its pedigree, and the check of a file before it is used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lacsim.cli import options
from lacsim.cli.machine import counted
from lacsim.cli.request import parameters_of
from lacsim.cli.text_table import lined_up, text_of
from lacsim.errors import RegisterError
from lacsim.units import did_you_mean

if TYPE_CHECKING:
    from lacsim.parameters import Parameters

app = typer.Typer(help="Every number of the model: value, range, unit, grade, source, quoted words.")
_GRADES = ("A", "B", "C", "D")
_WIDTH = 100


@app.command("list")
def list_parameters(
    subject: Annotated[str | None, typer.Argument(help="Only names that begin with this, as 'coordination'.")] = None,
    *,
    grade: Annotated[
        str | None,
        typer.Option(
            "--grade",
            help="Only this grade: A measured here, B published local, C published elsewhere, D assumed.",
        ),
    ] = None,
    role: Annotated[
        str | None,
        typer.Option("--role", help="Only this role: 'local' is what another council gives figures of its own for."),
    ] = None,
    stance: options.Stance = None,
    settings: options.Settings = None,
    params_file: options.ParamsFile = None,
    as_json: options.AsJson = False,
) -> None:
    """List the parameters; `--grade D` is the research agenda."""
    from lacsim.parameters import grade_of

    wanted = None if grade is None else _checked_grade(grade)
    chosen = parameters_of(stance, tuple(settings or ()), params_file)
    names = [
        name
        for name in chosen.names()
        if name.startswith(subject or "")
        and wanted in (None, grade_of(chosen.claim(name)))
        and role in (None, chosen.entry(name).role)
    ]
    roles = sorted({chosen.entry(name).role for name in chosen.names()})
    if role not in (None, *roles):
        raise RegisterError(f"--role: must be one of {', '.join(roles)}; found '{role}'.")
    if subject and not any(name.startswith(subject) for name in chosen.names()):
        subjects = sorted({name.split(".")[0] for name in chosen.names()})
        hint = did_you_mean(subject, subjects) or f" The subjects are {', '.join(subjects)}."
        raise RegisterError(f"params: no parameter's name begins with '{subject}'.{hint}")
    rows = [
        {
            "name": name,
            "value": chosen[name],
            "unit": chosen.entry(name).unit,
            "grade": grade_of(chosen.claim(name)),
            "claim": "set by you" if name in chosen.overrides else chosen.claim_name(name),
            "source": chosen.claim(name).source,
            "meaning": chosen.entry(name).meaning,
        }
        for name in names
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    shown = [[text_of(v) if k == "value" else v for k, v in row.items()] for row in rows]
    typer.echo(lined_up(["name", "value", "unit", "grade", "claim", "source", "meaning"], shown))
    typer.echo(f"\n{len(rows)} of {len(chosen.names())} parameters, stance {chosen.stance}.", err=True)


def _checked_grade(grade: str) -> str:
    if grade.upper() not in _GRADES:
        raise RegisterError(f"--grade: must be one of {', '.join(_GRADES)}; found '{grade}'.")
    return grade.upper()


@app.command("show")
def show_parameter(
    name: Annotated[str, typer.Argument(help="Full name, as 'coordination.places_per_coordinator'.")],
    *,
    stance: options.Stance = None,
    settings: options.Settings = None,
    params_file: options.ParamsFile = None,
    as_json: options.AsJson = False,
) -> None:
    """Show one parameter: the value in use and how it came about, every claim, source and quoted words."""
    chosen = parameters_of(stance, tuple(settings or ()), params_file)
    chosen.entry(name)  # refuses an unknown name
    if as_json:
        entry = chosen.entry(name).model_dump(exclude_none=True)
        typer.echo(json.dumps({"name": name, "value": chosen[name], **entry}, indent=2, ensure_ascii=False))
        return
    typer.echo("\n".join(_pedigree(chosen, name, _chain(chosen, name, stance, settings, params_file))))


def _chain(
    chosen: Parameters, name: str, stance: str | None, settings: list[str] | None, params_file: Path | None
) -> str:
    """Where the value comes from, weakest first: built-in, fit, file, setting."""
    from lacsim.parameters import params

    plain, fitted = params(chosen.stance, fitted=False), params(chosen.stance)
    steps = [f"built-in {text_of(plain[name])} (claim '{plain.claim_name(name)}', stance {plain.stance})"]
    block = fitted.block(name)
    if block is not None and fitted[name] != plain[name]:
        steps.append(f"fit of {block.name.replace('_', ' ')} {text_of(fitted[name])}")
    if params_file is not None:
        filed = parameters_of(stance, (), params_file)
        if name in filed.overrides:
            steps.append(f"{params_file.name} {text_of(filed[name])}")
    if any(text.partition("=")[0].strip() == name for text in settings or ()):
        steps.append(f"--set {text_of(chosen[name])}")
    return "  →  ".join(steps)


def _pedigree(chosen: Parameters, name: str, chain: str) -> list[str]:
    from lacsim import evidence
    from lacsim.parameters import grade_of

    entry = chosen.entry(name)
    lines = [name, f"  {entry.meaning}", "", f"  value     {text_of(chosen[name])} {entry.unit}"]
    ends = chosen.low_high(name)
    if ends and ends[0] != ends[1]:
        lines.append(f"  9 in 10   {text_of(ends[0])} to {text_of(ends[1])} {entry.unit}")
    elif ends:
        lines.append("  9 in 10   no spread: a choice, or exact")
    if entry.range is not None:
        low, high = (float(end) for end in entry.range)
        lines.append(f"  allowed   {text_of(low)} to {text_of(high)}")
    if entry.choices is not None:
        lines.append(f"  choices   {', '.join(entry.choices)}")
    lines += [
        f"  chain     {chain}",
        f"  written   {chosen.register.lines[name]}",
        f"  role      {entry.role}",
    ]
    known = evidence.sources()
    for label, claim in entry.claims.items():
        is_read = label == chosen.claim_name(name)
        state = ("  (set aside: a value was given)" if name in chosen.overrides else "  (in use)") if is_read else ""
        lines += ["", f"  claim '{label}'{state}"]
        said = {
            "value": f"{text_of(claim.value)} {entry.unit}",
            "spread": ", ".join(f"{k} {v}" for k, v in claim.spread.model_dump(exclude_none=True).items()),
            "source": f"{known[claim.source].citation} [{claim.source}]",
            "where": claim.where,
            "quote": f"“{claim.quote}”" if claim.quote else "",
            "worked out": claim.derivation or "",
            "grade": f"{grade_of(claim)} ({claim.kind})",
            "price year": claim.price_year or "",
            "would change our mind": claim.mind_changer or "",
            "note": claim.note or "",
        }
        lines += [f"    {key:<10} {' '.join(text.split())}" for key, text in said.items() if text]
    return lines


@app.command("diff")
def diff_parameters(
    first: Annotated[str, typer.Argument(help="A stance, or a parameter file such as params.toml of a run's folder.")],
    second: Annotated[str, typer.Argument(help="Another; the default stance if left out.")] = "controlled",
    *,
    as_json: options.AsJson = False,
) -> None:
    """Show which values differ between two stances or files."""
    before, after = _stance_or_file(first), _stance_or_file(second)
    rows = [
        {"name": name, "first": before[name], "second": after[name], "unit": after.entry(name).unit}
        for name in after.names()
        if before[name] != after[name]
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if rows:
        typer.echo(lined_up(["name", first, second, "unit"], [[text_of(v) for v in row.values()] for row in rows]))
    typer.echo(f"\n{counted(len(rows), 'value')} of {len(after.names())} differ.", err=True)


def _stance_or_file(text: str) -> Parameters:
    """The parameters of a stance or of a file.

    Raises
    ------
    RegisterError
        If it is neither.
    """
    from lacsim.parameters import STANCES, params, params_from_file

    if text in STANCES:
        return params(text)
    if not Path(text).is_file():
        hint = did_you_mean(text, STANCES) or f" Stances are {', '.join(STANCES)}."
        raise RegisterError(f"params: '{text}' is neither a stance nor a file.{hint}")
    return params_from_file(Path(text))


@app.command("check")
def check_parameters(
    file: Annotated[Path | None, typer.Argument(help="A parameter file; the register if none is given.")] = None,
    *,
    stance: options.Stance = None,
    settings: options.Settings = None,
) -> None:
    """Check the register, or a parameter file, and report every fault with its line."""
    chosen = parameters_of(stance, tuple(settings or ()), file)
    if file is None:
        typer.echo(f"{len(chosen.names())} parameters checked, stance {chosen.stance}: no fault.")
    else:
        changed = counted(len(chosen.overrides), "value")
        typer.echo(f"{file}: no fault; {changed} set that the register has otherwise.")
        for name, value in chosen.overrides.items():
            typer.echo(f"  {name} = {text_of(value)} {chosen.entry(name).unit}")
    typer.echo(f"sha256 {chosen.sha256}")


@app.command("schema")
def print_schema(
    *,
    register: Annotated[
        bool, typer.Option("--register", help="Schema of a file of the register instead of a parameter file.")
    ] = False,
) -> None:
    """Print the JSON Schema, so that an editor completes names and underlines mistakes."""
    from lacsim.parameters.schema import parameter_file_schema, register_schema

    typer.echo(json.dumps(register_schema() if register else parameter_file_schema(), indent=2, ensure_ascii=False))
