"""RealNVP on two moons: the same work as ../toy2d.rs by the peer that is named, `torch` unless said."""

import json
import math
import sys

import numpy

from cases import TWO_MOONS, medians


def moons(count):
    random = numpy.random.default_rng(0)
    angle = math.pi * random.random(count)
    upper = random.random(count) < 0.5
    x = numpy.where(upper, numpy.cos(angle), 1 - numpy.cos(angle))
    y = numpy.where(upper, numpy.sin(angle), 0.5 - numpy.sin(angle))
    points = numpy.stack([x, y], 1) + 0.1 * random.standard_normal((count, 2))
    return points.astype(numpy.float32)


print(json.dumps(medians(sys.argv[1] if len(sys.argv) > 1 else "torch", TWO_MOONS, moons)))
