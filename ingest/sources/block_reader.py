"""Reads a socket in blocks: three system calls a message become a hundred messages a system call."""

from __future__ import annotations

import socket
import ssl

_BLOCK = 32 * 1024


class BlockReader:
    """A socket for paho, which asks for single bytes, under aiomqtt, which reads on while `pending` says so.

    At most one block per wake-up, or a broker that sends without pause would keep the event loop for ever.
    """

    def __init__(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock = sock
        self._block = b""
        self._at = 0
        self._filled = False

    def recv(self, size: int) -> bytes:
        if self._at >= len(self._block):
            if self._filled:
                raise BlockingIOError
            self._block = self._sock.recv(max(_BLOCK, min(size, 8 * _BLOCK)))
            self._at = 0
            self._filled = True
        piece = self._block[self._at : self._at + size]
        self._at += len(piece)
        return piece

    def pending(self) -> int:
        left = len(self._block) - self._at
        if left:
            return left
        self._filled = False
        return self._sock.pending() if isinstance(self._sock, ssl.SSLSocket) else 0

    def send(self, data: bytes) -> int:
        return self._sock.send(data)

    def close(self) -> None:
        self._sock.close()

    def fileno(self) -> int:
        return self._sock.fileno()

    def setblocking(self, flag: bool) -> None:
        self._sock.setblocking(flag)
