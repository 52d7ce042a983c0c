"""The command `autograder`, which is `python -m autograder` too: what a signal does while all the
rest is imported.
"""

from __future__ import annotations

import os
import signal

_EARLY = b"interrupted; nothing was begun\n"


def main() -> None:
    """Run the command line, once it is there."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:  # as in the background of a script
            signal.signal(number, _leave)
    from autograder.cli.main import main as command  # takes most of the time until it works

    try:
        command()
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is _leave:  # else a first signal waits for a second
                signal.signal(number, handler)


def _leave(*_: object) -> None:
    """Nothing is to be put in order yet."""
    try:
        os.write(2, _EARLY)
    finally:
        os._exit(130)


if __name__ == "__main__":
    main()
