"""Derby as data: wards, names and the history of coverage."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from lacsim import evidence
from lacsim.cli.request import Request, plan_of
from lacsim.errors import ScenarioError, SourceError
from lacsim.evidence.areas import FOLDER, read_tiles
from lacsim.report.api import Run
from lacsim.report.commands import run_command
from lacsim.runs.plan import make_plan

BANDS = ["a18_29", "a30_44", "a45_64", "a65_74", "a75_84", "a85p"]


def test_derby_has_17_wards_and_197364_adults_in_2017() -> None:
    wards = evidence.area().wards
    assert len(wards) == 17
    assert wards["adults18p_2017"].sum() == 197_364
    assert wards["pop2017"].sum() == 257_034
    assert wards["c11_residents"].sum() == 248_752
    assert wards["n_lsoa"].sum() == 151


@pytest.mark.parametrize("year", [2017, 2019])
def test_age_bands_add_up_to_adults_in_every_ward(year: int) -> None:
    wards = evidence.area().wards
    total = wards[[f"{band}_{year}" for band in BANDS]].sum(axis=1)
    assert total.tolist() == wards[f"adults18p_{year}"].tolist()


def test_census_bands_and_tenures_add_up_in_every_ward() -> None:
    wards = evidence.area().wards
    bands = wards[["c11_18_44", "c11_45_64", "c11_65_74", "c11_75_84", "c11_85plus"]].sum(axis=1)
    assert bands.tolist() == wards["c11_18plus"].tolist()
    kinds = ["owned", "social_council", "social_other", "private_rent", "shared_ownership", "rent_free"]
    tenures = wards[[f"pct_hh_{kind}_2011" for kind in kinds]].sum(axis=1)
    assert tenures.to_numpy() == pytest.approx(100.0, abs=0.04)


def test_ward_codes_are_unique_and_in_order() -> None:
    codes = evidence.area().wards["ward_code"].tolist()
    assert codes == sorted(set(codes))
    assert codes[0] == "E05001767"
    assert codes[-1] == "E05001783"


def test_ten_wards_are_covered_in_2019_and_they_are_those_of_the_council_paper() -> None:
    derby = evidence.area()
    printed = "Abbey, Alvaston, Arboretum, Boulton, Chaddesden, Darley, Derwent, Normanton, Mackworth and Sinfyn"
    assert evidence.quote_stands("derby-scrutiny-2019", printed)
    named = {derby.canonical(name) for name in printed.replace(" and ", ", ").split(", ")}
    assert set(derby.covered_2019) == named
    assert len(named) == 10


def test_a_misprinted_ward_is_suggested_but_not_taken_silently() -> None:
    with pytest.raises(ScenarioError, match=r"'Sinfyn' is not a Derby ward \(2002 to 2023\)\. Did you mean 'Sinfin'\?"):
        evidence.area().ward("Sinfyn")


def test_a_ward_of_2023_is_explained() -> None:
    with pytest.raises(ScenarioError, match=r"'Alvaston North' is a ward since 2023\. This model uses the 17 wards"):
        evidence.area().ward("Alvaston North")


def test_an_unknown_ward_meets_the_list() -> None:
    with pytest.raises(ScenarioError, match=r"'Atlantis' is not a Derby ward .* The wards are Abbey, Allestree"):
        evidence.area().ward("Atlantis")


def test_a_ward_is_found_by_code_and_whatever_its_capitals() -> None:
    derby = evidence.area()
    assert derby.ward(" sinFIN ") == "Sinfin"
    assert derby.ward("e05001767") == "Abbey"


def test_names_of_later_wards_are_not_names_of_the_17() -> None:
    derby = evidence.area()
    assert not set(derby.new_wards) & set(derby.ward_names)


def test_the_history_of_coverage_is_dated_cited_and_grows() -> None:
    derby = evidence.area()
    dates = [row.date for row in derby.coverage]
    assert dates == sorted(dates)
    assert [row.n_wards for row in derby.coverage if row.n_wards] == [2, 10]
    for row in derby.coverage:
        assert row.source in evidence.sources()
        assert set(row.wards) <= set(derby.ward_names)
    assert "recalled" in derby.coverage[0].note


def test_an_unknown_area_is_refused() -> None:
    with pytest.raises(SourceError, match=r"area 'derbi' is not stored\. Did you mean 'derby'\? Stored are: derby"):
        evidence.area("derbi")


@pytest.fixture
def testtown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Six wards of Derby under another name, with the `area.toml` of the guide."""
    folder = tmp_path / "areas" / "testtown"
    folder.mkdir(parents=True)
    table = (FOLDER / "areas" / "derby" / "wards.csv").read_text("utf-8").replace(",Abbey,", ",Northgate,")
    (folder / "wards.csv").write_text("\n".join(table.splitlines()[:7]) + "\n", "utf-8")
    guide = (Path(__file__).parents[2] / "docs" / "how_to_bring_another_council.md").read_text("utf-8")
    (example,) = re.findall(r"^   ```toml\n(.*?)^   ```", guide, re.S | re.M)
    (folder / "area.toml").write_text(example, "utf-8")
    monkeypatch.setitem(read_tiles.__globals__, "FOLDER", tmp_path)
    evidence.area.cache_clear()
    yield
    evidence.area.cache_clear()


@pytest.mark.usefixtures("testtown")
def test_the_area_of_the_guide_is_read_and_can_be_run() -> None:
    town = evidence.area("testtown")
    assert (len(town.wards), town.tiles.empty, town.new_wards) == (6, True, {})
    assert town.boundary_note == "Wards as they were 2004 to 2024."
    names = ("no-lac", "wards-10", "wards-17", "history")
    plan = make_plan(names, futures=1, area_name="testtown")
    assert [scenario.n_posts for scenario in plan.scenarios] == [0, 4, 6, 4]
    assert " --area testtown" in run_command(Run(types.SimpleNamespace(plan=plan)))  # type: ignore[arg-type]
    assert plan_of(Request(names, futures=1, area="testtown")).run_id == plan.run_id
    with pytest.raises(SourceError, match="area 'derby' is not stored"):
        plan_of(Request(futures=1))
