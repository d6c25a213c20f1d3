"""Sources, stored documents and tables: complete, citable and unchanged."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lacsim import evidence
from lacsim.errors import SourceError
from lacsim.evidence.sources import read_sources
from lacsim.parameters import orphan_sources

GOOD = """
[paper]
citation = "A council (2019)"
title = "A paper"
date = "2019"
where = "a shelf"
kind = "council_paper"
grade = "B"
"""


def _folder(tmp_path: Path, text: str) -> Path:
    (tmp_path / "sources.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_every_source_has_a_citation_a_place_and_a_grade() -> None:
    for source in evidence.sources().values():
        assert source.citation
        assert source.where
        assert source.grade in "ABCD"


def test_no_source_is_an_orphan() -> None:
    assert orphan_sources() == []


def test_both_source_documents_are_stored_word_for_word() -> None:
    assert "approximately 1,400 residents (18+)" in evidence.document_text("derby-scrutiny-2019")
    assert "£4 of social value is created for every £1 invested" in evidence.document_text("tlap-2016")


def test_a_quotation_stands_across_a_line_break_but_not_with_a_changed_word() -> None:
    assert evidence.quote_stands("derby-scrutiny-2019", "the potential to act as a mitigating factor")
    assert evidence.quote_stands("derby-scrutiny-2019", "links to communities means that it has the potential")
    assert not evidence.quote_stands("derby-scrutiny-2019", "approximately 1,500 residents")


def test_an_unknown_source_meets_the_nearest_one() -> None:
    with pytest.raises(SourceError, match=r"'derby-scrutny-2019' is not in .*Did you mean 'derby-scrutiny-2019'\?"):
        evidence.document_text("derby-scrutny-2019")


def test_a_source_without_stored_words_cannot_be_read() -> None:
    with pytest.raises(SourceError, match=r"'roland-2012' has no stored document\. Stored are: derby-scrutiny-2019"):
        evidence.document_text("roland-2012")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "A paper"', "", r"source 'paper' \(sources.toml\): 'title' is missing"),
        ('grade = "B"', "", r"'grade' is missing. Add it, one of A, B, C, D."),
        ('kind = "council_paper"', 'kind = "rumour"', r"kind must be one of council_paper, .*found 'rumour'"),
        ('grade = "B"', 'grade = "E"', r"grade must be one of A, B, C, D; found 'E'"),
        ('where = "a shelf"', 'where = "x"\nwere = "y"', r"'were' is not a field\. Did you mean 'where'\?"),
        (
            'grade = "B"',
            'grade = "B"\ndocument = "lost.txt"',
            r"stored document 'lost.txt' is not in documents/",
        ),
        ("[paper]", "[paper", r"sources.toml: is not valid TOML"),
        ("[paper]\n", "paper = 3\n[other]\n", r"source 'paper' \(sources.toml\): needs a table of citation"),
    ],
)
def test_a_broken_list_of_sources_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read_sources(_folder(tmp_path, GOOD.replace(old, new)))


def test_a_missing_list_of_sources_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"sources.toml: cannot be read .*Restore it"):
        read_sources(tmp_path)


def test_all_faults_of_a_list_of_sources_come_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('title = "A paper"', "").replace('grade = "B"', 'grade = "E"')
    with pytest.raises(SourceError, match="2 faults") as caught:
        read_sources(_folder(tmp_path, text))
    assert len(caught.value.faults) == 2


@pytest.mark.parametrize("name", sorted(evidence.tables()))
def test_every_table_agrees_with_its_description(name: str) -> None:
    info, frame = evidence.tables()[name], evidence.table(name)
    assert len(frame) > 0
    assert all(info.columns.values())
    assert set(info.sources) <= set(evidence.sources())
    if "source_id" in frame:
        assert set(frame["source_id"]) == set(info.sources)


def test_an_unknown_table_meets_the_nearest_one() -> None:
    with pytest.raises(SourceError, match=r"table 'base_rate' is not in tables.toml\. Did you mean 'base_rates'\?"):
        evidence.table("base_rate")


def test_a_table_may_be_changed_by_its_reader_without_harm() -> None:
    frame = evidence.table("base_rates")
    frame.loc[:, "central"] = 0.0
    assert evidence.table("base_rates")["central"].max() > 0.0


def test_life_table_starts_at_birth_and_gives_the_stated_life_expectancy() -> None:
    frame = evidence.table("uk_qx_2016_2018")
    for sex, expected in (("Male", 79.2), ("Female", 82.9)):
        q = frame.loc[frame["sex"] == sex].sort_values("age")["qx_mean_2016_18"]
        alive = (1.0 - q.clip(upper=1.0)).cumprod()
        assert 0.5 + alive.sum() == pytest.approx(expected, abs=0.15)


def test_factors_to_2018_19_are_the_growth_since_multiplied_up() -> None:
    frame = evidence.table("price_indices").set_index("fin_year")
    gdp = frame["gdp_OBR_Nov2025_1819=100"]
    assert (100.0 / gdp).to_numpy() == pytest.approx(frame["f_gdp_to_1819"].to_numpy(), abs=1e-4)
    later = frame.loc["2016/17":"2018/19", "nhscii_growth_pct"].iloc[1:]
    assert (1.0 + later / 100.0).prod() == pytest.approx(frame.loc["2016/17", "f_nhscii_to_1819"], abs=2e-4)


@pytest.mark.parametrize(
    ("item", "published", "index"),
    [
        ("nel_short", "nel_short_1112", "f_gdp_to_1819"),
        ("district_nurse", "dn_contact_1213", "f_gdp_to_1819"),
        ("mh_contact", "mh_contact_1112", "f_gdp_to_1819"),
        ("nel_avg", "nel_avg_1617", "f_nhscii_to_1819"),
        ("bed_day", "xbd_1617", "f_nhscii_to_1819"),
        ("ambulance", "amb_convey_1718", "f_nhscii_to_1819"),
        ("dtoc_day", "dtoc_day_2223", "f_nhscii_to_1819"),
    ],
)
def test_a_restated_cost_is_the_published_one_times_its_index(item: str, published: str, index: str) -> None:
    then = evidence.table("unit_costs_published").set_index("key").loc[published]
    now = evidence.table("unit_costs_2018_19").set_index("key").loc[item, "value_1819"]
    factor = evidence.table("price_indices").set_index("fin_year").loc[then["price_year"], index]
    assert then["value"] * factor == pytest.approx(now, rel=0.002)


def test_no_table_holds_an_unread_figure_without_saying_so() -> None:
    rates: pd.DataFrame = evidence.table("base_rates")
    recalled = rates.loc[rates["source_id"] == "recalled-unverified"]
    assert set(recalled["grade"]) == {"R"}
    costs = evidence.table("unit_costs_published")
    assert set(costs["status"]) == {"read", "recalled"}
    assert ((costs["status"] == "recalled") == (costs["source_id"] == "recalled-unverified")).all()
