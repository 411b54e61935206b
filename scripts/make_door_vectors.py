"""Make src/eendracht/services/door/vectors.npz anew after the phrases changed; needs the extra `embedding`.

    python scripts/make_door_vectors.py

Takes a few minutes: every phrase is read by the model. Then fit again: scripts/fit_door.py.
"""

from __future__ import annotations

from pathlib import Path

from eendracht.services.door.embedding import average, digest_phrases, group_phrases, load_encoder, pack_vectors
from eendracht.services.door.targets import gather_targets

FILE = Path(__file__).parents[1] / "src/eendracht/services/door/vectors.npz"


def main() -> None:
    encoder = load_encoder()
    if encoder is None:
        raise SystemExit("The extra `embedding` is not installed, or does not run on this machine.")
    grouped = group_phrases(gather_targets().phrases)
    FILE.write_bytes(pack_vectors({digest_phrases(texts): average(encoder, texts) for texts in grouped.values()}))
    print(f"{len(grouped)} vectors written to {FILE}")


if __name__ == "__main__":
    main()
