"""How long drawing one scene takes: median and 95th percentile
over 500 scenes of each collection, one thread.
"""

from __future__ import annotations

import time

import numpy as np

from autograder.vision.collection import COLLECTIONS
from autograder.vision.scenes import draw


def main() -> None:
    """Print a table; the promise is at most 1 ms (median)."""
    print(f"{'collection':<12}{'median ms':>10}{'95 % ms':>10}")
    for collection in COLLECTIONS:
        draw(collection, "warm up", 10)
        times = []
        for seed in range(500):
            start = time.perf_counter()
            draw(collection, seed, 1)
            times.append(1e3 * (time.perf_counter() - start))
        print(f"{collection:<12}{np.median(times):>10.3f}{np.percentile(times, 95):>10.3f}")


if __name__ == "__main__":
    main()
