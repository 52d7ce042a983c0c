"""The scheduler of a Dask cluster: where it is, and a connection over TLS or none."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from autograder.errors import UsageError
from autograder.showing import shown

PACKAGE = "vision-autograder"
CONNECT = 15.0  # seconds for it to answer
_FILE_BYTES = 1 << 20  # of a scheduler file


def scheduler_address(place: str) -> str:
    """The address of a scheduler, from the file that it writes where that is named.

    Raises:
        UsageError: it is no address of connections over TLS.
    """
    address = place
    if "://" not in place and Path(place).is_file():
        try:
            with Path(place).open("rb") as stream:
                address = json.loads(stream.read(_FILE_BYTES))["address"]
        except (OSError, ValueError, LookupError, TypeError):
            raise UsageError(
                f"--cluster {shown(place)}: expected the file that `dask scheduler"
                " --scheduler-file` writes, a JSON object with an address"
            ) from None
    if not isinstance(address, str) or not address.startswith("tls://"):
        raise UsageError(
            f"--cluster {shown(place)}: expected tls://HOST:PORT or a scheduler file with such an"
            f" address, found {shown(address)}; without TLS whoever reaches the scheduler can run"
            " code on it, so start it with --tls-ca-file, --tls-cert and --tls-key"
        )
    return address


def certificates() -> Any:
    """The certificates that Dask's configuration names.

    Raises:
        UsageError: it names none, or they can't be used; or Dask isn't installed.
    """
    try:
        from distributed.security import Security
    except ImportError:
        raise UsageError(
            f"--cluster needs Dask, an extra: pip install '{PACKAGE}[cluster]'"
        ) from None
    names = (
        "distributed.comm.tls.ca-file, .client.cert and .client.key, in ~/.config/dask/*.yaml or"
        " as DASK_DISTRIBUTED__COMM__TLS__CA_FILE, …__CLIENT__CERT and …__CLIENT__KEY"
    )
    try:
        security = Security(require_encryption=True)
        context = security.get_connection_args("client")["ssl_context"]
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(
            f"--cluster: the certificates in Dask's configuration ({names}) can't be used:"
            f" {shown(error, 300)}"
        ) from None
    if context is None:
        raise UsageError(f"--cluster: Dask's configuration names no certificates: set {names}")
    return security


def connected(address: str, security: Any) -> Any:
    """A client of the scheduler.

    Raises:
        UsageError: it does not answer over TLS.
    """
    from distributed import Client

    _hush()
    try:
        return Client(
            address, security=security, timeout=CONNECT, set_as_default=False, name="autograder"
        )
    except (OSError, ValueError) as error:
        why = " ".join(str(error).split())
        raise UsageError(
            f"--cluster: no scheduler answers over TLS at {shown(address)} within {CONNECT:g} s"
            f" ({shown(why, 300)}); is it there, was it started with --tls-ca-file, --tls-cert and"
            " --tls-key, and did one authority sign all certificates?"
        ) from None


def _hush() -> None:
    """What Dask logs of connections and workers is no news for who grades."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in {"distributed", "tornado"}:
            logging.getLogger(name).handlers[:] = [logging.NullHandler()]
            logging.getLogger(name).propagate = False
