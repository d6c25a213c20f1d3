"""The published run: a small copy of one full run that stands in the repository, and what the README quotes of it.

Words and figures between the README's two marks are made from the published folder alone, by `quoted`; a test holds
the one to the other. Nothing is simulated or drawn here.
"""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lacsim.errors import ResultsError
from lacsim.report import finding
from lacsim.report import folder as folders
from lacsim.runs import parts

if TYPE_CHECKING:
    from lacsim.report.api import Run

BEGIN: Final = "<!-- published run: begin; filled by `lacsim runs publish` -->"
END: Final = "<!-- published run: end -->"
WHERE: Final = Path("results") / "published"
STANCES: Final = "stances.csv"
OPTIONS: Final = "options.csv"
STANCE_HEADS: Final = (
    "Stance",
    "Futures that cost less",
    "Middle saving",
    "9 in 10 futures",
    "What it takes the effect to be",
)
# What is copied: what people read, the tables behind it, and what makes it again. Large tables stay with the run.
FILES: Final = (
    "report.html", "committee.html", "tracker.csv", "futures.csv", "waits.csv", "paired.csv", "checks.csv",
    "params.toml", "overrides.toml", "scenarios.json", "charts/*.svg", "charts/*.csv", "charts/*.txt",
)  # fmt: skip
# Pictures for the README and for slides; the SVG of every other chart is there.
PICTURES: Final = ("c01_headline", "c02_who_pays", "c09_wait_and_load")
LARGEST_BYTES: Final = 1_500_000  # of a table or picture; the pages are what is published and come whatever their size


def publish(folder: Path, run: Run, *, to: Path = WHERE, readme: Path = Path("README.md")) -> list[Path]:
    """Copy what is small of a finished run into the repository and quote it in the README.

    In this order: everything is checked; what a killed process left is put right; a copy is made beside its place and
    sealed; it takes the place of the older one; the README is replaced as a whole.

    Parameters
    ----------
    folder, run
        A finished run and its folder.

    Returns
    -------
        Files that were too large and left out.

    Raises
    ------
    ResultsError
        If the run may not be quoted, or the README has no place for it.
    """
    manifest = finding.read_manifest(folder)
    _refuse(manifest, run)
    text = readme.read_text("utf-8") if readme.is_file() else ""
    _cut(text, readme)
    _put_right(to, readme)
    work = to.with_name(f"{to.name}.tmp-{os.getpid()}")
    shutil.rmtree(work, ignore_errors=True)
    try:
        left_out = _copy(folder, work)
        _write_rows(work / STANCES, STANCE_HEADS, _stances(run))
        _write_rows(work / OPTIONS, *_options(run))
        manifest["command"] = _command(run)
        rows = {entry["path"]: entry["rows"] for entry in manifest["files"]}
        folders.seal(work, manifest, rows)
        folders.put_in_place(work, to)
        parts.write_whole(readme, with_quote(text, quoted(to), readme).encode())
    except OSError as why:
        raise ResultsError(
            f"results: {why.filename or to} cannot be written ({why.strerror or why}). Free some space and try again."
        ) from why
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return left_out


def _put_right(to: Path, readme: Path) -> None:
    """Undo what a killed process left: an older copy that was set aside comes back, and what is half made goes."""
    for old in sorted(to.parent.glob(f"{to.name}.old-*")):
        if (to / finding.MANIFEST).is_file():
            shutil.rmtree(old)
        else:
            old.rename(to)
    for half in to.parent.glob(f"{to.name}.tmp-*"):
        shutil.rmtree(half)
    for half in readme.parent.glob(f"{readme.name}.tmp-*"):
        half.unlink()


def _refuse(manifest: dict[str, Any], run: Run) -> None:
    """Raise if a run may not be quoted."""
    why = ""
    if manifest["status"] != "complete":
        why = f"its status is {manifest['status']}, not complete"
    elif run.plan.residents is not None:
        why = f"it has {run.plan.residents:,} residents, not all of {run.plan.area.name}"
    elif not run.beside.stances:
        why = "it has no other stances beside it"
    if why:
        raise ResultsError(
            f"publish: run {run.plan.run_id} may not be quoted: {why}. Make one with: lacsim run --precise"
        )


def _copy(folder: Path, work: Path) -> list[Path]:
    """Copy the files and hand back those that are too large."""
    left_out = []
    for pattern in (*FILES, *(f"charts/{name}.png" for name in PICTURES)):
        for path in sorted(folder.glob(pattern)):
            if path.suffix != ".html" and path.stat().st_size > LARGEST_BYTES:
                left_out.append(path)
                continue
            target = work / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    return left_out


def _command(run: Run) -> str:
    from lacsim.report.commands import run_command

    return run_command(run)


def _stances(run: Run) -> list[list[str]]:
    from lacsim.report import tables

    return tables.stances(run)


def _options(run: Run) -> tuple[Sequence[str], list[list[str]]]:
    """Each option against the first, as the report's table has it: middle figure and range."""
    from lacsim.report import tables

    rows = [
        [str(name), *(f"{middle} ({span})" if span else middle for middle, span in cells)]
        for name, cells in tables.options(run)
    ]
    return ("Option", *tables.OPTION_HEADS), rows


def _write_rows(path: Path, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(heads)
        writer.writerows(rows)


def quoted(published: Path) -> str:
    """What the README says of the published run, from its folder alone."""
    manifest = finding.read_manifest(published)
    headline = manifest["headline"]
    where = published.name if published.parent.name != "results" else f"results/{published.name}"
    with (published / STANCES).open(encoding="utf-8", newline="") as stream:
        heads, *rows = csv.reader(stream)
    lines = [
        f"> **{headline['text']}**",
        f"> {headline['money']} {headline['stance']}",
        "",
        f"![{headline['text']}]({where}/charts/c01_headline.png)",
        "",
        f"| {' | '.join(heads)} |",
        f"|{'---|' * len(heads)}",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        f"Run {manifest['run_id']}: {manifest['futures']:,} futures of {manifest['residents']:,} adults, made by "
        f"`{manifest['command']}`. Report, tables and charts: [{where}]({where}/).",
    ]
    return "\n".join(line.rstrip() for line in lines)


def _cut(text: str, readme: Path) -> tuple[str, str, str]:
    """The text before, between and after the marks."""
    before, begin, rest = text.partition(BEGIN)
    between, end, after = rest.partition(END)
    if not begin or not end:
        raise ResultsError(
            f"publish: {readme} has no place for the run. Put these two lines where it belongs: {BEGIN} {END}"
        )
    return before, between, after


def with_quote(text: str, quote: str, readme: Path) -> str:
    """A README with the quote between its marks."""
    before, _, after = _cut(text, readme)
    return f"{before}{BEGIN}\n{quote}\n{END}{after}"


def quote_in(text: str, readme: Path) -> str:
    """What stands between the marks of a README."""
    return _cut(text, readme)[1].strip("\n")
