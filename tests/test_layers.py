"""The layers hold: import-linter keeps the tree as it is and finds every planted breach."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINTER = Path(sys.executable).parent / "lint-imports"

LAYERS = "Layers of the house"
KERNEL = "The kernel knows no framework"
COMMAND_LINE = "The command line starts without a web framework"

BREACHES = {
    "kernel knows the kit": ({"kernel/planted.py": "import eendracht.kit", "kit/__init__.py": ""}, LAYERS),
    "wing knows wing": ({"cloud/market.py": "import eendracht.data.steps", "data/steps.py": ""}, LAYERS),
    "kit knows a wing": ({"kit/planted.py": "import eendracht.people.pools", "people/pools.py": ""}, LAYERS),
    "command line knows the web": ({"cli/planted.py": "import eendracht.web.app", "web/app.py": ""}, LAYERS),
    "settings know the kernel": ({"config.py": "import eendracht.kernel.errors"}, LAYERS),
    "somebody knows bootstrap": ({"web/planted.py": "import eendracht.bootstrap", "bootstrap.py": ""}, LAYERS),
    "module without a layer": ({"attic.py": ""}, LAYERS),
    "kernel uses a web framework": ({"kernel/planted.py": "import starlette.routing"}, KERNEL),
    "kernel uses a framework by a detour": (
        {"kernel/planted.py": "import eendracht.config", "config.py": "import typer"},
        KERNEL,
    ),
    "kernel uses a framework inside a function": (
        {"kernel/planted.py": "def serve() -> None:\n    import uvicorn\n"},
        KERNEL,
    ),
    "command line loads templates": ({"cli/planted.py": "import jinja2"}, COMMAND_LINE),
}


def copy_source(target: Path) -> Path:
    """Copy the package and the contracts, without what Python leaves behind."""
    shutil.copytree(ROOT / "src", target / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", target)
    return target


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on a tree, without a cache."""
    return subprocess.run(
        [LINTER, "--no-cache", "--config", root / "pyproject.toml"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def verdicts(output: str) -> dict[str, str]:
    """Read which contract was kept and which was broken."""
    lines = (line.strip() for line in output.splitlines())
    return {line.rsplit(" ", 1)[0]: line.rsplit(" ", 1)[1] for line in lines if line.endswith((" KEPT", " BROKEN"))}


def test_the_tree_keeps_every_contract(tmp_path: Path) -> None:
    result = lint(copy_source(tmp_path))
    assert result.returncode == 0, result.stdout + result.stderr
    assert verdicts(result.stdout) == dict.fromkeys((LAYERS, KERNEL, COMMAND_LINE), "KEPT")


@pytest.mark.parametrize("breach", BREACHES)
def test_a_planted_breach_is_found(breach: str, tmp_path: Path) -> None:
    files, contract = BREACHES[breach]
    source = copy_source(tmp_path) / "src" / "eendracht"
    for name, text in files.items():
        path = source / name
        path.parent.mkdir(exist_ok=True)
        if path.parent != source:
            (path.parent / "__init__.py").touch()
        # A planted line is added, so that a real module of that name keeps its own imports.
        path.write_text((path.read_text() if path.exists() else "") + "\n" + text + "\n")
    result = lint(tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert verdicts(result.stdout)[contract] == "BROKEN", result.stdout
