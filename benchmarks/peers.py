"""An environment of their own for Ciw and salabim, made on first use and kept in `benchmarks/build/peers`."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_FOLDER = _HERE / "build" / "peers"


def python_of_peers() -> str | None:
    """The interpreter that has the peers; None, with a word, where they cannot be installed.

    `LACSIM_PEERS_PYTHON` names one that has them already.
    """
    named = os.environ.get("LACSIM_PEERS_PYTHON")
    if named:
        return named
    python = _FOLDER / "bin" / "python"
    if not python.exists():
        print("   making an environment for Ciw and salabim …", file=sys.stderr)
        venv.create(_FOLDER, with_pip=True)
    wanted = _HERE / "requirements.txt"
    marker = _FOLDER / "installed.txt"
    if not marker.exists() or marker.read_bytes() != wanted.read_bytes():
        install = [str(python), "-m", "pip", "install", "-q", "-r", str(wanted)]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(f"   Ciw and salabim are left out: {done.stderr.strip()[-300:]}", file=sys.stderr)
            return None
        marker.write_bytes(wanted.read_bytes())
    return str(python)
