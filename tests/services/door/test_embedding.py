"""The optional model: the vectors that ship are of the phrases as they are, and meaning finds what words do not."""

from __future__ import annotations

import pytest

from eendracht.services.door.embedding import average, digest_phrases, group_phrases, load_encoder, load_vectors
from eendracht.services.door.targets import gather_targets


def test_every_target_has_the_vector_of_its_own_phrases() -> None:
    targets = gather_targets()
    held = load_vectors()
    grouped = group_phrases(targets.phrases)
    keys = {at: targets.items[at].key for at in grouped}
    assert len(set(keys.values())) == len(keys)
    assert set(keys.values()) <= held.keys()
    if load_encoder() is None:
        pytest.skip("vectors are made anew where the extra `embedding` is installed; older ones stay in use")
    stale = [keys[at] for at, texts in grouped.items() if held[keys[at]].digest != digest_phrases(texts)]
    assert not stale, "run scripts/make_door_vectors.py, then scripts/fit_door.py"


def test_a_shipped_vector_is_what_the_model_gives() -> None:
    encoder = load_encoder()
    if encoder is None:
        pytest.skip("the extra `embedding` is not installed")
    targets = gather_targets()
    texts = group_phrases(targets.phrases)[0]
    assert float(load_vectors()[targets.items[0].key].vector @ average(encoder, texts)) > 0.99
