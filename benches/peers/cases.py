"""Sizes of the flows, those of ../realnvp.rs, and which module runs a peer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    features: int
    couplings: int
    hidden: int
    batch: int
    warm_up: int
    rounds: int


TWO_MOONS = Case(features=2, couplings=8, hidden=128, batch=512, warm_up=20, rounds=200)
TABULAR = Case(features=43, couplings=10, hidden=100, batch=1024, warm_up=10, rounds=100)
POINTS, LONG_WARM_UP, LONG_ROUNDS = 10_000, 3, 20


def medians(peer, case, data):
    """Training step, density of 10,000 points and 10,000 samples; `data` makes so many points."""
    # Imported here, so that no peer pays for loading another.
    if peer == "flowjax":
        import realnvp_jax

        return realnvp_jax.medians(case, data)
    import realnvp

    return realnvp.medians(peer, case, data)
