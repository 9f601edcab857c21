"""RealNVP on 43 features: the same work as ../tabular.rs by the peer that is named, `torch` unless said."""

import json
import sys

import numpy

from cases import TABULAR, medians


def normal(count):
    return numpy.random.default_rng(0).standard_normal((count, TABULAR.features), dtype=numpy.float32)


print(json.dumps(medians(sys.argv[1] if len(sys.argv) > 1 else "torch", TABULAR, normal)))
