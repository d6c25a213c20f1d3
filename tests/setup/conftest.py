"""A small checkout with lacsim's own set-up code in it and one package, a local wheel, to install."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lacsim._environment import Checkout

SETUP_MODULES = ["__init__.py", "__main__.py", "_bootstrap.py", "_environment.py", "errors.py"]
COMMAND_LINE = """
import json, sys, lacsim_stub

def main() -> int:
    print(json.dumps({"prefix": sys.prefix, "arguments": sys.argv[1:]}))
    return 7
"""


@pytest.fixture
def checkout(tmp_path: Path, root: Path) -> Checkout:
    """A checkout in a path with a space, never set up, that needs a package no Python has."""
    folder = tmp_path / "a new clone"
    (folder / "lacsim").mkdir(parents=True)
    for module in SETUP_MODULES:
        shutil.copy(root / "lacsim" / module, folder / "lacsim")
    (folder / "lacsim" / "cli.py").write_text(COMMAND_LINE, "utf-8")
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "lacsim"\ndependencies = ["lacsim-stub>=1.0"]\n'
        '[project.optional-dependencies]\ntest = ["lacsim-stub-tests>=1.0"]\n',
        "utf-8",
    )
    digest = hashlib.sha256(_wheel(tmp_path / "wheels").read_bytes()).hexdigest()
    (folder / "requirements.lock").write_text(f"lacsim-stub==1.0 --hash=sha256:{digest}\n", "utf-8")
    return Checkout(folder)


@pytest.fixture
def type_command(checkout: Checkout, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``python -m lacsim …`` in the checkout with a plain Python and no network."""

    def run(*arguments: str, wheels: str = "wheels") -> subprocess.CompletedProcess[str]:
        links = str(tmp_path / wheels)
        keep = {name: text for name, text in os.environ.items() if not name.startswith(("PIP_", "UV_", "LACSIM_"))}
        offline = {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_FIND_LINKS": links,
            "PIP_NO_INDEX": "1",
            "UV_FIND_LINKS": links,
            "UV_NO_CACHE": "1",
            "UV_NO_CONFIG": "1",
            "UV_NO_INDEX": "1",
        }
        return subprocess.run(
            [sys._base_executable, "-m", "lacsim", *arguments],  # type: ignore[attr-defined]
            cwd=checkout.root,
            env={**keep, **offline},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def _wheel(folder: Path) -> Path:
    folder.mkdir()
    about = "lacsim_stub-1.0.dist-info"
    content = {
        "lacsim_stub.py": "",
        f"{about}/METADATA": "Metadata-Version: 2.1\nName: lacsim-stub\nVersion: 1.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in [*content, f"{about}/RECORD"])
    wheel = folder / "lacsim_stub-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in {**content, f"{about}/RECORD": record}.items():
            archive.writestr(name, text)
    return wheel
