"""One broken register per mistake, and the words that say what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lacsim.errors import RegisterError
from lacsim.parameters import read_register
from lacsim.parameters.register import line_numbers

GOOD = """\
# a comment
[stay_days]
meaning = "How long a stay lasts."
unit    = "days"
range   = [1, 100]
role    = "lever"
use     = "paper"

[stay_days.claims.paper]
value  = 40
spread = {family = "gamma", mean = 40, se = 3}
source = "derby-scrutiny-2019"
where  = "4.1"
quote  = "approximately 1,400 residents"
kind   = "published"

[stay_days.claims.guess]
value  = 30.5
spread = {family = "fixed"}
source = "modelling-assumption"
where  = "a guess"
kind   = "assumed"
mind_changer = "A measurement."

[price]
meaning = "What a week costs."
unit    = "£/week"
range   = [0, 1000]
role    = "universal"
use     = "table"

[price.claims.table]
value  = 600
spread = {family = "fixed"}
source = "devon-foi"
where  = "a table"
kind   = "derived"
derivation = "1 + 1"
price_year = "2018/19"
payer  = "council"
cashable = "partly"

[rule]
meaning = "Who is first."
unit    = "name"
choices = ["first-come", "urgency"]
role    = "lever"
use     = "choice"

[rule.claims.choice]
value  = "first-come"
spread = {family = "fixed"}
source = "modelling-assumption"
where  = "a choice"
kind   = "assumed"
mind_changer = "A rule in print."
"""


def _read(tmp_path: Path, text: str) -> None:
    (tmp_path / "coordination.toml").write_text(text, encoding="utf-8")
    read_register(tmp_path)


def test_the_unbroken_register_is_accepted(tmp_path: Path) -> None:
    _read(tmp_path, GOOD)


GAMMA = 'spread = {family = "gamma", mean = 40, se = 3}'


def _spread(text: str) -> tuple[str, str]:
    return GAMMA, f"spread = {{{text}}}"


PLACE = r"coordination.stay_days claim 'paper' \(register/coordination.toml:9\): "
ENTRY = r"coordination.stay_days \(register/coordination.toml:2\): "


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            _spread('family = "gamma", mean = 40, se = -3'),
            PLACE + "standard error must be greater than 0 days, found -3",
        ),
        (
            _spread('family = "gamma", mean = -4, se = 3'),
            "mean of a gamma spread must be greater than 0 days, found -4",
        ),
        (
            _spread('family = "normal", mean = 40, se = 0'),
            "standard error must be greater than 0 days, found 0",
        ),
        (_spread('family = "normal", mean = nan, se = 1'), "every number of a spread must be finite"),
        (
            _spread('family = "lognormal", median = 40'),
            r"needs median and ratio, or low and high; found \['median'\]",
        ),
        (
            _spread('family = "lognormal", median = 40, ratio = 0.9'),
            "ratio of a lognormal spread must be above 1",
        ),
        (
            _spread('family = "lognormal", median = 0, ratio = 2'),
            "median of a lognormal spread must be above 0",
        ),
        (_spread('family = "lognormal", low = 50, high = 30'), "needs 0 < low < high, found 0, 50, 30"),
        (
            _spread('family = "beta", mean = 1.5, se = 0.1'),
            "mean of a beta spread must lie between 0 and 1, found 1.5",
        ),
        (_spread('family = "beta", mean = 0.5, se = 0.6'), "cannot have se 0.6: too wide"),
        (_spread('family = "beta", low = 0, high = 0.3'), "needs 0 < low < high < 1, found 0, 0, 0.3, 1"),
        (
            _spread('family = "uniform", low = 50, high = 30'),
            "a uniform spread needs low < high, found 50, 30",
        ),
        (
            _spread('family = "uniform", low = 30, high = 300'),
            "spread 30 to 300 goes beyond the range 1 to 100 days",
        ),
        (
            _spread('family = "pert", low = 30, mode = 20, high = 50'),
            "a pert spread needs low <= mode <= high",
        ),
        (
            _spread('family = "triangle", low = 1'),
            "spread needs a family, one of fixed, normal, lognormal, gamma",
        ),
        (_spread("mean = 40"), "spread needs a family"),
        (_spread('family = "gamma", mean = 40, sd = 3'), "'sd' is not a field"),
        (_spread('family = "gamma", mean = 40'), "'se' is missing. Add it"),
        (
            _spread('family = "gamma", mean = "forty", se = 3'),
            r"'mean' has the wrong type \(you gave 'forty'\)",
        ),
        (
            ("[stay_days]\nmeaning", "[stay_days]\nmeanig"),
            r"'meanig' is not a field\. Did you mean 'meaning'\?",
        ),
        (
            ('unit    = "days"', 'unit    = "dais"'),
            ENTRY + r"unit 'dais' is not known\. Did you mean 'days'\?",
        ),
        (('unit    = "days"\n', ""), r"\(register/coordination.toml:2\): 'unit' is missing"),
        (
            ('use     = "paper"', 'use     = "papers"'),
            ENTRY + r"use names 'papers', which .* Did you mean 'paper'\?",
        ),
        (("range   = [1, 100]\n", ""), ENTRY + r"needs `range = \[low, high\]`"),
        (("range   = [1, 100]", "range   = [100, 1]"), "range must be two finite numbers in order"),
        (("range   = [1, 100]", "range   = [-1, 100]"), "range -1 to 100 exceeds what days admits"),
        (
            ("range   = [1, 100]", "range   = [1, inf]"),
            "range must be two finite numbers in order, found 1 and inf",
        ),
        (
            ('role    = "lever"\nuse     = "paper"', 'role    = "knob"\nuse     = "paper"'),
            "'role' must be one of",
        ),
        (
            ('use     = "paper"', 'use = "paper"\nstances = {reportd = "guess"}'),
            r"'reportd' is not a stance\. Did you mean",
        ),
        (
            ('use     = "paper"', 'use = "paper"\nstances = {reported = "gues"}'),
            r"reads claim 'gues', which .*'guess'\?",
        ),
        (("value  = 40\n", "value  = 400\n"), PLACE + "value 400 is outside its own range 1 to 100 days"),
        (("value  = 40\n", "value  = nan\n"), "needs a finite number of days, found nan"),
        (("value  = 40\n", "value  = inf\n"), "needs a finite number of days, found inf"),
        (("value  = 40\n", "value  = true\n"), r"needs a number \(you gave True\)"),
        (("value  = 40\n", 'value  = "40"\n'), r"needs a number \(you gave '40'\)"),
        (("value  = 40\n", ""), PLACE.replace(":9", ":9") + "'value' is missing"),
        (
            ('source = "derby-scrutiny-2019"', 'source = "derby-scrutiny-2018"'),
            r"Did you mean 'derby-scrutiny-2019'\?",
        ),
        (('where  = "4.1"', 'where  = ""'), r"\(register/coordination.toml:13\): 'where' is empty"),
        (
            ("1,400 residents", "1,500 residents"),
            r"quoted words “approximately 1,500 residents” do not stand in",
        ),
        (
            ('where  = "a table"', 'where = "a table"\nquote = "no"'),
            "quotes words of 'devon-foi', which is not stored",
        ),
        (('derivation = "1 + 1"\n', ""), "is derived but shows no arithmetic"),
        (('mind_changer = "A measurement."\n', ""), "is assumed but does not say what would change our mind"),
        (
            ('mind_changer = "A measurement."', 'mind_changer = "x"\ngrade = "B"'),
            "so its grade is D, found B",
        ),
        (('kind   = "published"', 'kind   = "heard"'), "'kind' must be one of 'published', .*found 'heard'"),
        (
            ('where  = "a guess"\nkind   = "assumed"', 'where = "a"\nkind = "published"'),
            "so its kind is assumed",
        ),
        (('price_year = "2018/19"\n', ""), "is money without a price year"),
        (
            ('price_year = "2018/19"', 'price_year = "2018"'),
            "price_year must look like 2018/19, found '2018'",
        ),
        (('payer  = "council"', 'payer  = "nobody"'), "'payer' must be one of"),
        (
            ('value  = "first-come"', 'value  = "urgent"'),
            r"must be one of first-come, urgency; .* Did you mean 'urgency'\?",
        ),
        (('choices = ["first-come", "urgency"]', "range = [0, 1]"), "a name has no range"),
        (("[price]", "[price"), "register/coordination.toml: is not valid TOML"),
        (("[price]", "[stay_days]"), "is not valid TOML"),
    ],
)
def test_each_mistake_has_its_message(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    assert change[0] in GOOD
    with pytest.raises(RegisterError, match=message):
        _read(tmp_path, GOOD.replace(*change, 1))


def test_a_number_too_long_to_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match=r"is not valid TOML|far larger one"):
        _read(tmp_path, GOOD.replace("value  = 40\n", f"value  = {'9' * 5000}\n"))


def test_all_faults_of_all_files_come_at_once(tmp_path: Path) -> None:
    (tmp_path / "effects.toml").write_text(GOOD.replace('unit    = "days"', 'unit = "day"'), encoding="utf-8")
    text = GOOD.replace("value  = 40\n", "value  = 400\n").replace('derivation = "1 + 1"\n', "")
    with pytest.raises(RegisterError, match="3 faults") as caught:
        _read(tmp_path, text)
    assert [fault.split(" ")[0] for fault in caught.value.faults] == [
        "coordination.stay_days",
        "coordination.price",
        "effects.stay_days",
    ]


def test_a_name_uncertain_by_a_number_is_refused(tmp_path: Path) -> None:
    text = GOOD.replace(
        '"first-come"\nspread = {family = "fixed"}',
        '"first-come"\nspread = {family = "normal", mean = 1, se = 1}',
    )
    with pytest.raises(RegisterError, match="a name cannot be uncertain by a number"):
        _read(tmp_path, text)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="holds no register files"):
        read_register(tmp_path)


def test_lines_are_found_past_comments_and_long_texts() -> None:
    text = '# a\n[one]\nnote = """\n[two]\nvalue = 1\n"""\nvalue = 2\n[three.four]\nvalue = 3\n'
    lines = line_numbers(text)
    assert lines["one", "value"] == 7
    assert lines["three", "four", "value"] == 9
    assert ("two",) not in lines
