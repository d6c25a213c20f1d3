"""The pack of seeded defects goes with the checkout as it is; at night every defect is seeded and noticed."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from tests.defects.pack import ALL, CATALOGUE, ROOT, Defect, Edit, PackError, catalogue
from tests.defects.run import Answer, Verdict, run

DEFECTS, ABSENT = catalogue()
ENGINES = ("lacsim/model/compiled.py", "lacsim/model/agenda.py", "lacsim/model/reference.py")
# How a test of this project compares the two engines.
EQUALITY = ("first_difference", "both", "engines_agree", "by_simpy")


def source_of(test: str) -> ast.FunctionDef | None:
    """The function of a test, or None where there is no such file or function."""
    file, _, function = test.partition("::")
    path = ROOT / file
    if not path.is_file():
        return None
    wanted = function.partition("[")[0]
    return next(
        (f for f in ast.parse(path.read_text("utf-8")).body if isinstance(f, ast.FunctionDef) and f.name == wanted),
        None,
    )


def test_each_of_the_28_is_seeded_or_said_not_to_apply() -> None:
    assert sorted([d.number for d in DEFECTS] + [a.number for a in ABSENT]) == list(ALL)
    assert all(a.reason for a in ABSENT)
    assert all(d.tests for d in DEFECTS)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda d: str(d.number))
def test_every_defect_can_be_seeded_in_the_checkout_as_it_is(defect: Defect, tmp_path: Path) -> None:
    assert defect.faults() == []
    for file in defect.files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / file, tmp_path / file)
    defect.seed(tmp_path)
    for file in defect.files:
        changed = (tmp_path / file).read_text("utf-8")
        assert changed != (ROOT / file).read_text("utf-8")
        ast.parse(changed)
    defect.mend(tmp_path)
    for file in defect.files:
        assert (tmp_path / file).read_bytes() == (ROOT / file).read_bytes()
        assert (tmp_path / file).stat().st_mtime_ns == (ROOT / file).stat().st_mtime_ns


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda d: str(d.number))
def test_every_test_of_the_catalogue_exists_and_compares_no_engines(defect: Defect) -> None:
    for test in defect.tests:
        function = source_of(test)
        assert function is not None, f"defect {defect.number}: there is no {test}"
        names = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
        names |= {n.attr for n in ast.walk(function) if isinstance(n, ast.Attribute)}
        assert not names & set(EQUALITY), f"defect {defect.number}: {test} compares the engines"


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda d: str(d.number))
def test_a_defect_of_an_engine_is_seeded_in_both_or_its_test_runs_one_engine_alone(defect: Defect) -> None:
    """Otherwise the engines would differ, and whatever compares them would be enough to notice it."""
    engines = {file == ENGINES[-1] for file in defect.files if file in ENGINES}
    assert len(engines) != 1 or all(test.endswith(("[reference]", "[compiled]")) for test in defect.tests)


def test_an_edit_that_no_longer_fits_is_refused_and_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\nx = 1\n", "utf-8")
    for edit, message in (
        (Edit("b.py", "x", "y"), "b.py: there is no such file"),
        (Edit("a.py", "x = 1", "y"), "a.py: stands 2 times, must stand once"),
        (Edit("a.py", "z", "y"), "a.py: stands 0 times, must stand once"),
    ):
        with pytest.raises(PackError, match=f"defect 3: {message}.*Correct tests/defects/catalogue.toml"):
            Defect(3, "nothing", ("t",), (edit,)).seed(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("number = 28\n", "number = 27\n", "the numbers 1 to 28 must each stand once"),
        ("number = 28\n", "number = 28\nnote = 1\n", r"defect 28 has unknown keys \['note'\]"),
    ],
)
def test_a_faulty_catalogue_is_refused(old: str, new: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "catalogue.toml"
    path.write_text(CATALOGUE.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(PackError, match=message):
        catalogue(path)


@pytest.mark.parametrize(
    ("with_it", "without_it", "is_caught"),
    [
        ("failed", "passed", True),
        ("passed", "passed", False),
        ("failed", "failed", False),
        ("broken", "passed", False),
        ("missing", "passed", False),
    ],
)
def test_a_defect_is_caught_only_by_a_test_that_fails_with_it_and_passes_without(
    with_it: str, without_it: str, is_caught: bool
) -> None:
    verdict = Verdict(DEFECTS[0], (Answer("a.py::t", with_it),), (Answer("a.py::t", without_it),), 1.0)
    assert verdict.is_caught is is_caught
    assert (verdict.why_not == "") is is_caught


def test_a_seeded_defect_is_noticed_in_a_copy_and_the_checkout_is_left_alone() -> None:
    """One of the quick ones, all the way; and one that no test of its entry can notice."""
    gross = next(d for d in DEFECTS if d.number == 19)
    before = (ROOT / gross.files[0]).read_bytes()
    same = Edit(gross.files[0], "return 100.0 * net_ratio", "return 1e2 * net_ratio")
    harmless = Defect(20, "nothing", gross.tests, (same,))
    caught, missed = run([gross, harmless], jobs=1, progress=lambda text: None)
    assert caught.is_caught, caught.why_not
    assert not missed.is_caught
    assert "passed with it" in missed.why_not
    assert (ROOT / gross.files[0]).read_bytes() == before


@pytest.mark.nightly
def test_every_seeded_defect_is_caught() -> None:
    verdicts = run(DEFECTS, jobs=2, progress=print)
    assert [f"{v.defect.number}: {v.why_not}" for v in verdicts if not v.is_caught] == []
