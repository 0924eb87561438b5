"""A socket that is read in blocks."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from ingest.sources.block_reader import BlockReader


@pytest.fixture
def ends() -> Iterator[tuple[BlockReader, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        far = socket.create_connection(server.getsockname())
        near, _ = server.accept()
        near.setblocking(False)
        with far, near:
            yield BlockReader(near), far


def test_small_reads_are_served_from_one_block(ends: tuple[BlockReader, socket.socket]) -> None:
    reader, far = ends
    far.sendall(b"abcdef")
    assert [reader.recv(1), reader.recv(2)] == [b"a", b"bc"]
    assert reader.pending() == 3
    assert reader.recv(10) == b"def"
    assert reader.pending() == 0


def test_one_wake_up_reads_one_block_and_no_more(ends: tuple[BlockReader, socket.socket]) -> None:
    reader, far = ends
    far.sendall(b"ab")
    assert reader.recv(2) == b"ab"
    far.sendall(b"cd")
    with pytest.raises(BlockingIOError):
        reader.recv(1)
    assert reader.pending() == 0  # aiomqtt stops here and waits for the socket
    assert reader.recv(2) == b"cd"


def test_a_socket_without_data_says_so(ends: tuple[BlockReader, socket.socket]) -> None:
    reader, _ = ends
    with pytest.raises(BlockingIOError):
        reader.recv(1)


def test_a_closed_far_end_is_an_empty_read(ends: tuple[BlockReader, socket.socket]) -> None:
    reader, far = ends
    far.close()
    assert reader.recv(1) == b""
