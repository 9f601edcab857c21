"""The two moons of ../toy2d.rs."""

import math

import numpy


def moons(count, seed=0):
    random = numpy.random.default_rng(seed)
    angle = math.pi * random.random(count)
    upper = random.random(count) < 0.5
    x = numpy.where(upper, numpy.cos(angle), 1 - numpy.cos(angle))
    y = numpy.where(upper, numpy.sin(angle), 0.5 - numpy.sin(angle))
    points = numpy.stack([x, y], 1) + 0.1 * random.standard_normal((count, 2))
    return points.astype(numpy.float32)
