"""The socket of the web server."""

import socket

from ipms.serve import listening


def test_body_of_an_answer_does_not_wait_until_its_head_is_acknowledged():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (
        listening.listen({"HOST": "127.0.0.1", "PORT": str(port)}) as server,
        socket.create_connection(("127.0.0.1", port)),
        server.accept()[0] as connection,
    ):
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
