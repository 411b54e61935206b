"""Make src/eendracht/services/door/vectors.npz anew after the phrases changed; needs the extra `embedding`.

    python scripts/make_door_vectors.py

Takes a few minutes: every phrase is read by the model. Then fit again: scripts/fit_door.py.
"""

from __future__ import annotations

from pathlib import Path

from eendracht.services.door.embedding import (
    Meaning,
    average,
    digest_phrases,
    group_phrases,
    load_encoder,
    pack_vectors,
)
from eendracht.services.door.targets import gather_targets

FILE = Path(__file__).parents[1] / "src/eendracht/services/door/vectors.npz"


def main() -> None:
    encoder = load_encoder()
    if encoder is None:
        raise SystemExit("The extra `embedding` is not installed, or does not run on this machine.")
    targets = gather_targets()
    meanings = {
        targets.items[at].key: Meaning(digest_phrases(texts), average(encoder, texts))
        for at, texts in group_phrases(targets.phrases).items()
    }
    FILE.write_bytes(pack_vectors(meanings))
    print(f"{len(meanings)} vectors written to {FILE}")


if __name__ == "__main__":
    main()
