"""The published run: small, whole, and the README quotes it to the letter."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path

import pytest

from lacsim.errors import ResultsError
from lacsim.report import charts, finding, folder, publishing
from lacsim.report.api import Run
from lacsim.report.manifest import Facts, file_sha256, now

MARKS = f"# Title\n\n{publishing.BEGIN}\nold\n{publishing.END}\n\nRest\n"


@pytest.fixture(scope="module")
def kept(complete: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a full run leaves it, with one chart."""
    where = tmp_path_factory.mktemp("run")
    charts.save_chart("c01", complete, where / "charts")
    (where / "report.html").write_text("<!doctype html>", "utf-8")
    (where / "futures.csv").write_text("scenario,future\nwards-17,1\n", "utf-8")
    (where / "kept.part").write_bytes(b"large tables stay with the run")
    moment = now()
    facts = Facts("lacsim run --out elsewhere", moment, moment, 2, 1.0, _headline(complete))
    manifest = folder.make_manifest(complete.plan, facts, checks=complete.results.checks, records=9, files=[])
    folder.seal(where, {**manifest, "status": "complete"}, {"futures.csv": 1})
    return where


def _headline(run: Run) -> dict[str, object]:
    return {"text": run.answer.headline, "money": run.answer.money, "stance": run.answer.stance}


@pytest.fixture
def readme(tmp_path: Path) -> Path:
    path = tmp_path / "README.md"
    path.write_text(MARKS, "utf-8")
    return path


def test_the_readme_quotes_the_published_run_to_the_letter(root: Path) -> None:
    published, path = root / publishing.WHERE, root / "README.md"
    said = publishing.quote_in(path.read_text("utf-8"), path)
    if not (published / finding.MANIFEST).is_file():
        assert said == "", "the README quotes a run that is not in results/published"
        return
    assert said == publishing.quoted(published)


def test_every_file_of_the_published_run_is_as_its_manifest_says_and_the_whole_is_small(root: Path) -> None:
    published = root / publishing.WHERE
    if not (published / finding.MANIFEST).is_file():
        pytest.skip("no run is published yet")
    manifest = finding.read_manifest(published)
    found = {path.relative_to(published).as_posix(): path for path in published.rglob("*") if path.is_file()}
    listed = {entry["path"]: entry["sha256"] for entry in manifest["files"]}
    assert {name: file_sha256(path) for name, path in found.items() if name != finding.MANIFEST} == listed
    # of a report of 1,024 futures three fifths are what its levers reckon with, 2.7 kB a future, to give every penny
    assert sum(path.stat().st_size for path in found.values()) < 9_000_000
    assert manifest["status"] == "complete"
    with (published / "futures.csv").open(encoding="utf-8", newline="") as stream:
        net = {(row["scenario"], row["future"]): float(row["net_gbp"]) for row in csv.DictReader(stream)}
    saves = sum(value > net["wards-10", future] for (scenario, future), value in net.items() if scenario == "wards-17")
    assert saves == manifest["headline"]["futures_better"]


def test_a_run_is_published_whole_without_large_tables_and_quoted(kept: Path, complete: Run, readme: Path) -> None:
    to = readme.parent / "results" / "published"
    assert publishing.publish(kept, complete, to=to, readme=readme) == []
    names = {path.relative_to(to).as_posix() for path in to.rglob("*") if path.is_file()}
    assert names == {
        "charts/c01_headline.csv",
        "charts/c01_headline.png",
        "charts/c01_headline.svg",
        "charts/c01_headline.txt",
        "datapackage.json",
        "futures.csv",
        "options.csv",
        "report.html",
        "run.json",
        "stances.csv",
    }
    text = readme.read_text("utf-8")
    assert publishing.quote_in(text, readme) == publishing.quoted(to)
    assert text.startswith("# Title\n")
    assert text.endswith("\n\nRest\n")
    assert f"**{complete.answer.headline}**" in text
    assert "| controlled (this run) |" in text
    assert "elsewhere" not in (to / "run.json").read_text("utf-8")  # the command is the one that makes it anywhere
    assert json.loads((to / "run.json").read_text("utf-8"))["files"][0]["path"] == "charts/c01_headline.csv"
    publishing.publish(kept, complete, to=to, readme=readme)
    assert readme.read_text("utf-8") == text
    assert [path.name for path in to.parent.iterdir()] == ["published"]


def test_a_file_too_large_for_the_repository_is_left_out_and_named(
    kept: Path, complete: Run, readme: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page never is: it is what is published."""
    monkeypatch.setattr(publishing, "LARGEST_BYTES", 20_000)
    (kept / "report.html").write_bytes(b"x" * 30_000)
    left_out = publishing.publish(kept, complete, to=readme.parent / "published", readme=readme)
    assert [path.name for path in left_out] == ["c01_headline.png"]
    assert (readme.parent / "published" / "report.html").stat().st_size == 30_000


def test_a_readme_without_a_place_for_it_is_refused_and_nothing_is_written(
    kept: Path, complete: Run, tmp_path: Path
) -> None:
    path = tmp_path / "README.md"
    path.write_text("# Title\n", "utf-8")
    with pytest.raises(ResultsError, match=r"README.md has no place for the run. Put these two lines"):
        publishing.publish(kept, complete, to=tmp_path / "published", readme=path)
    assert [one.name for one in tmp_path.iterdir()] == ["README.md"]


def test_a_run_that_may_not_be_quoted_is_not_published(
    kept: Path, complete: Run, dear: Run, readme: Path, tmp_path: Path
) -> None:
    quick = tmp_path / "quick"
    quick.mkdir()
    manifest = finding.read_manifest(kept)
    (quick / "run.json").write_text(json.dumps({**manifest, "status": "quick"}), "utf-8")
    to = tmp_path / "published"
    with pytest.raises(ResultsError, match="may not be quoted: its status is quick, not complete"):
        publishing.publish(quick, complete, to=to, readme=readme)
    few = dataclasses.replace(complete.results, plan=dataclasses.replace(complete.plan, residents=300))
    with pytest.raises(ResultsError, match="it has 300 residents, not all of Derby"):
        publishing.publish(kept, Run(few, complete.beside), to=to, readme=readme)
    with pytest.raises(ResultsError, match="it has no other stances beside it"):
        publishing.publish(kept, dear, to=to, readme=readme)
    assert not to.exists()
