"""The coefficients of `crates/thalweg-kernels/src/pointwise/normal.rs`: Chebyshev polynomials of `t = (x - 3.75)/(x + 3.75)` for
`(1 + 2x) exp(x²) erfc(x)`, by mpmath 1.3.0.

    python benches/convert/normal_tail.py
"""

from mpmath import cos, erfc, exp, mp, mpf, nstr, pi, sqrt

mp.dps = 40
MIDDLE = mpf("3.75")
NODES = 60
PRINTED = 21


def scaled(x):
    """exp(x²) erfc(x), by its asymptotic series where x is large."""
    if x < 1000:
        return exp(x * x) * erfc(x)
    total, term = mpf(0), mpf(1)
    for k in range(20):
        total += term
        term *= -(2 * k + 1) / (2 * x * x)
    return total / (x * sqrt(pi))


def function(t):
    x = MIDDLE * (1 + t) / (1 - t)
    return (1 + 2 * x) * scaled(x)


angles = [pi * (j + mpf(1) / 2) / NODES for j in range(NODES)]
values = [function(cos(angle)) for angle in angles]
for k in range(PRINTED):
    total = sum(value * cos(k * angle) for value, angle in zip(values, angles))
    print(nstr(total * (1 if k == 0 else 2) / NODES, 17))
