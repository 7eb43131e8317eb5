"""A port for a program that must know its port before it starts, reserved until then."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

HOST = "127.0.0.1"


@contextmanager
def held_port() -> Iterator[int]:
    """A port of the loopback address, reserved while the block runs: a program can listen on it.

    Linux lets a program listen where another socket is bound that does not listen, if both set SO_REUSEADDR (asyncio's
    servers do), and gives such a port to no other program by chance. Elsewhere it is only likely to stay free.
    """
    with closing(socket.socket()) as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((HOST, 0))
        port = int(holder.getsockname()[1])
        if sys.platform != "linux":
            holder.close()
        yield port
