"""A random estate of national size: layers of nodes that need lower layers, partly redundantly, partly in cycles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eendracht.kernel.estate.building import assemble_estate
from eendracht.kernel.estate.model import Estate

SHAPES = ((1, 1, 0.54), (1, 2, 0.285), (2, 3, 0.06), (1, 3, 0.065), (2, 2, 0.02), (3, 4, 0.03))
"""(k, n, share of the groups)."""


@dataclass(frozen=True, eq=False)
class NationalEstate:
    """The estate, the suppliers, and what each supplier owns besides itself."""

    estate: Estate
    scenarios: list[NDArray[np.int64]]


def draw_national_estate(
    seed: int,
    *,
    nodes: int = 200_000,
    suppliers: int = 5_000,
    groups: int = 585_457,
    layers: int = 12,
    back_share: float = 0.0,
) -> NationalEstate:
    """Draw an estate with the given sizes; the same seed gives the same estate.

    Layer 0 holds the suppliers. A group takes its members from the next lower layers, one in ten from any lower layer;
    of `back_share` of the members the direction is turned, which makes cycles. The top layer's services are critical in
    one case in ten. Each supplier fails together with what it owns: every other one owns
    one more supplier.
    """
    draw = np.random.default_rng(seed)
    layer = np.sort(np.concatenate([np.zeros(suppliers, np.int64), draw.integers(1, layers, nodes - suppliers)]))
    first = np.searchsorted(layer, np.arange(layers + 1))
    consumer = np.concatenate(
        [np.arange(suppliers, nodes), draw.integers(suppliers, nodes, groups - nodes + suppliers)]
    )
    shape = draw.choice(len(SHAPES), groups, p=[share for _, _, share in SHAPES])
    k = np.array([k for k, _, _ in SHAPES])[shape]
    sizes = np.array([n for _, n, _ in SHAPES])[shape]
    reader = np.repeat(consumer, sizes)
    depth = layer[reader]
    below = np.maximum(depth - draw.geometric(0.6, len(reader)), 0)
    below = np.where(draw.random(len(reader)) < 0.1, draw.integers(0, depth), below)
    provider = draw.integers(first[below], first[below + 1])
    turned = draw.random(len(reader)) < back_share
    provider = np.where(turned, draw.integers(first[depth], nodes), provider)
    keep = _drop_repeats(np.repeat(np.arange(groups), sizes), provider, nodes) & (provider != reader)
    sizes = np.bincount(np.repeat(np.arange(groups), sizes)[keep], minlength=groups)
    kept = sizes > 0
    estate = assemble_estate(
        [f"node-{number}" for number in range(nodes)],
        consumer=consumer[kept],
        k=np.minimum(k, sizes)[kept],
        sizes=sizes[kept],
        provider=provider[keep],
        buffer_hours=draw.choice([0.0, 0.0, 0.0, 4.0, 24.0], int(kept.sum())),
        critical=(layer == layers - 1) & (draw.random(nodes) < 0.1),
    )
    owned = [draw.integers(0, suppliers, draw.integers(0, 2)) for _ in range(suppliers)]
    return NationalEstate(estate, [np.unique(np.append(mine, one)) for one, mine in enumerate(owned)])


def _drop_repeats(group: NDArray[np.int64], provider: NDArray[np.int64], nodes: int) -> NDArray[np.bool_]:
    """Keep the first of equal members of a group."""
    keep = np.zeros(len(group), dtype=np.bool_)
    keep[np.unique(group * nodes + provider, return_index=True)[1]] = True
    return keep
