"""Write the JSON Schema of every kind to docs/reference/schemas, one file a kind."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from eendracht.kernel.kinds import Kind, shared_kinds

FOLDER = Path(__file__).parents[1] / "docs" / "reference" / "schemas"


def render_schemas(kinds: Iterable[Kind]) -> dict[str, str]:
    """Give the text of each file by its name."""
    return {f"{kind.name}.json": json.dumps(kind.json_schema(), indent=2, ensure_ascii=False) + "\n" for kind in kinds}


def main() -> None:
    """Write every file, and remove those of kinds that are gone."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    files = render_schemas(shared_kinds())
    for path in FOLDER.glob("*.json"):
        if path.name not in files:
            path.unlink()
    for name, text in files.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"{len(files)} schemas in {FOLDER.relative_to(FOLDER.parents[2])}")


if __name__ == "__main__":
    main()
