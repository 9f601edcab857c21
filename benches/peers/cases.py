"""Sizes of the flows, those of ../realnvp.rs, ../autoregressive.rs, ../nsf.rs and ../wide.rs, and which module runs a
peer.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    features: int
    layers: int
    hidden: int
    batch: int
    warm_up: int
    rounds: int


TWO_MOONS = Case(features=2, layers=8, hidden=128, batch=512, warm_up=20, rounds=200)
TABULAR = Case(features=43, layers=10, hidden=100, batch=1024, warm_up=10, rounds=100)
MASKED = [Case(features, layers=5, hidden=128, batch=512, warm_up=5, rounds=50) for features in (6, 43)]
SPLINES = [
    Case(features, layers=8, hidden=128, batch=batch, warm_up=5, rounds=40) for features, batch in [(6, 512), (43, 1024)]
]
WIDE = Case(features=1024, layers=8, hidden=128, batch=256, warm_up=3, rounds=20)
BINS, BOUND = 8, 3.0
POINTS, LONG_WARM_UP, LONG_ROUNDS = 10_000, 3, 20
PATIENCE = 20.0  # seconds for the rounds of one figure
POINT_WARM_UP, POINT_ROUNDS = 200, 2000


def medians(peer, case, data):
    """Training step, density of 10,000 points and 10,000 samples of RealNVP; `data` makes a given number of points."""
    # Imported here, so that no peer pays for loading another.
    if peer == "flowjax":
        import realnvp_jax

        return realnvp_jax.medians(case, data)
    import realnvp

    return realnvp.medians(peer, case, data)
