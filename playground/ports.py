"""A port for a program that has to be told one before it starts, and that nobody takes from it meanwhile."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

HOST = "127.0.0.1"


@contextmanager
def held_port() -> Iterator[int]:
    """A port of this machine's own address, kept for whoever is told of it: it can be listened on while within.

    Linux lets a program listen where another socket is bound that does not listen, if both allow the address to be
    used again (asyncio's servers do); nobody is given such a port by chance. Elsewhere it is only likely to stay free.
    """
    with closing(socket.socket()) as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((HOST, 0))
        port = int(holder.getsockname()[1])
        if sys.platform != "linux":
            holder.close()
        yield port
