"""`lacsim report`, `lacsim runs verify` and `lacsim compare`: what is done with runs that are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final

import typer

from lacsim.cli import options
from lacsim.cli.machine import counted
from lacsim.cli.text_table import lined_up
from lacsim.errors import ModelError, ResultsError

REPORT_HELP: Final = "Draw charts and report of a kept run again; nothing is simulated."
COMPARE_HELP: Final = "Say what was changed between two kept runs, and what moved."
PUBLISH_HELP: Final = "Put a small copy of a full run into results/published and its figures into the README."
VERIFY_HELP: Final = "Live three futures of a kept run again and compare them with what was kept, to the last bit."
_WHICH = "latest, previous, the first digits of a run's name, or its folder."

Which = Annotated[str, typer.Argument(metavar="[RUN]", help=_WHICH)]


def report(run: Which = "latest", *, jobs: options.Jobs = 0, out: options.Out = Path("results")) -> None:
    """Draw again, if today's code gives the same tables as the run has."""
    from lacsim.cli.running import draw_into
    from lacsim.report import saved
    from lacsim.report.finding import find_run

    folder = find_run(out, run)
    kept = saved.load(folder)
    changed = saved.changed_tables(kept, folder)
    if changed:
        raise ResultsError(
            f"report: run {kept.plan.run_id} was made by other code, and the code here gives another "
            f"{', '.join(changed)}. A report of both would mix them; run it again with: lacsim run --again"
        )
    saved.redraw(folder, out, lambda where: draw_into(kept, where, jobs=jobs))
    typer.echo(f"{kept.headline}\nReport   {(folder / 'report.html').as_posix()}")


def verify(run: Which = "latest", *, out: options.Out = Path("results"), as_json: options.AsJson = False) -> None:
    """Compare files with their hashes, then three futures with new ones; exit code 4 if anything differs."""
    from lacsim.report import saved
    from lacsim.report.finding import find_run, read_manifest
    from lacsim.runs.plan import source_sha256

    folder = find_run(out, run)
    manifest = read_manifest(folder)
    kept = saved.load(folder)
    numbers = saved.three_of(kept.plan.futures)
    found = saved.verify(kept, numbers)
    wrong = [f"future {number}, {what}" for number, differs in found.items() for what in differs]
    made_by = manifest["code"]["source_sha256"]
    if as_json:
        same_code = made_by == source_sha256()
        about = {"run_id": kept.plan.run_id, "futures": numbers, "same_code": same_code, "differs": wrong}
        typer.echo(json.dumps(about, indent=2))
    else:
        typer.echo(f"✓ {counted(len(manifest['files']), 'file')} as they were written")
        for number in numbers:
            lived = counted(len(kept.plan.scenarios), "scenario")
            typer.echo(f"{'✗' if found[number] else '✓'} future {number} lived again under {lived}")
        if made_by != source_sha256():
            typer.echo(f"The run was made by other code (source {made_by[:12]}).", err=True)
    if wrong:
        raise ModelError(
            f"verify: run {kept.plan.run_id} is not what the code here gives: {'; '.join(wrong[:5])}. "
            "Do not use it before you know why: another version, or a computer that rounds otherwise."
        )


def publish(
    run: Which = "latest",
    *,
    out: options.Out = Path("results"),
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Where the small copy stands.")] = Path(
        "results/published"
    ),
    readme: Annotated[Path, typer.Option("--readme", metavar="FILE", help="The file that quotes it.")] = Path(
        "README.md"
    ),
) -> None:
    """Copy what is small, write the README's figures from the copy, and name what was left out."""
    from lacsim.report import publishing, saved
    from lacsim.report.finding import find_run

    folder = find_run(out, run)
    left_out = publishing.publish(folder, saved.load(folder), to=to, readme=readme)
    total = sum(path.stat().st_size for path in to.rglob("*") if path.is_file())
    typer.echo(f"{to.as_posix()}: {total / 1e6:.1f} MB; {readme.as_posix()} quotes it.")
    for path in left_out:
        typer.echo(f"Left out, too large: {path.name} ({path.stat().st_size:,} bytes)", err=True)


def compare(
    before: Annotated[str, typer.Argument(metavar="RUN", help=_WHICH)] = "previous",
    after: Annotated[str, typer.Argument(metavar="RUN", help=_WHICH)] = "latest",
    *,
    split: Annotated[
        bool, typer.Option("--split", help="Live the run again with each change alone, and say how much each moved.")
    ] = False,
    jobs: options.Jobs = 0,
    out: options.Out = Path("results"),
    as_json: options.AsJson = False,
) -> None:
    """Print the sentence, what was changed, and the middle figures before and after."""
    from lacsim.report import saved
    from lacsim.report.causes import causes
    from lacsim.report.comparison import Comparison
    from lacsim.report.finding import find_run

    both = Comparison(saved.load(find_run(out, before)), saved.load(find_run(out, after)))
    table, by_cause = both.table(), causes(both, jobs=jobs) if split else None
    if as_json:
        content = {
            "sentence": both.sentence,
            "changes": both.changes.to_dict("records"),
            "moved": table.to_dict("records"),
            "causes": None if by_cause is None else by_cause.to_dict("records"),
        }
        typer.echo(json.dumps(content, indent=2, ensure_ascii=False, default=str))
        return
    typer.echo(both.sentence)
    if len(both.changes):
        rows = both.changes.astype(object).to_numpy().tolist()
        typer.echo("\n" + lined_up(["changed", "before", "after"], rows))
    columns = ["measure", "unit", "before", "after", "change"]
    rows = [[cell if isinstance(cell, str) else float(f"{cell:.3g}") for cell in row] for row in _rows(table, columns)]
    typer.echo("\n" + lined_up([*columns, ""], [[*row, ""] for row in rows]))
    if by_cause is not None:
        rows = [[row[0], float(f"{row[1]:.3g}"), ""] for row in _rows(by_cause, ["cause", "saving_gbp"])]
        typer.echo("\n" + lined_up(["cause", "middle saving moves by, £", ""], rows))
    elif len(both.changes) > 1:
        typer.echo("\nHow much each of them moved: lacsim compare … --split", err=True)


def _rows(table: object, columns: list[str]) -> list[list[object]]:
    return table[columns].astype(object).to_numpy().tolist()  # type: ignore[index,no-any-return]
