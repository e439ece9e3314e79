"""The start of a worker that opens what strangers bring. First it leaves the network and takes limits; then it imports anything.

Run as a file, not as a module: importing the package would come before. Only the standard library stands here.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import sys

CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
SIGKILL = 9


def leave_network() -> bool:
    """Go to a network of one's own, in which there is nothing, not even loopback; False where the system does not allow it.

    Linux gives it to an ordinary user together with a user namespace of his own, unless its administrator forbids that;
    and only while the process has a single thread.
    """
    if not sys.platform.startswith("linux"):
        return False
    unshare = ctypes.CDLL(None, use_errno=True).unshare
    return bool(unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 or unshare(CLONE_NEWNET) == 0)


def give_up_privileges() -> bool:
    """Gain no rights by running other programs, show memory to nobody, and die with the parent; False if that failed."""
    if not sys.platform.startswith("linux"):
        return False
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    wishes = ((PR_SET_NO_NEW_PRIVS, 1), (PR_SET_DUMPABLE, 0), (PR_SET_PDEATHSIG, SIGKILL))
    return all(prctl(wish, value, 0, 0, 0) == 0 for wish, value in wishes)


def take_limits(limits: dict[str, int]) -> list[str]:
    """Set resource limits, by the names of the `resource` module; gives those that could be set."""
    taken = []
    for name, value in limits.items():
        with contextlib.suppress(
            AttributeError, OSError, ValueError
        ):  # some systems do not know it, or do not allow it
            kind = getattr(resource, name)
            hard = resource.getrlimit(kind)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (value, value))
            taken.append(name)
    return taken


def main() -> None:
    """Isolate this process; then say what worked (`--probe`), or serve calls."""
    network, privileges = leave_network(), give_up_privileges()
    protections = {"network": network, "privileges": privileges, "limits": take_limits(json.loads(sys.argv[2]))}
    if sys.argv[1] == "--probe":
        sys.stdout.write(json.dumps(protections))
        return
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    from tinyml_core.engine import child

    child.main()


if __name__ == "__main__":
    main()
