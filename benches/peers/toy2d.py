"""RealNVP on two moons: the same work as ../toy2d.rs by the peer that is named, `torch` unless said."""

import json
import sys

from cases import TWO_MOONS, medians
from moons import moons

print(json.dumps(medians(sys.argv[1] if len(sys.argv) > 1 else "torch", TWO_MOONS, moons)))
