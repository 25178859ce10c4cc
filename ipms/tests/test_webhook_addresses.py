"""Where webhooks never go: into the network behind this machine, whatever a name says the next moment."""

import socket
from ipaddress import ip_address

import pytest

from ipms.webhooks import posting

_PORT = 8080


@pytest.fixture
def resolve(monkeypatch):
    """Let every name lead to these addresses, one answer after the other."""

    def to(*answers):
        answers = list(answers)
        real = socket.getaddrinfo

        def look_up(host, port, *args, **kwargs):
            try:
                ip_address(host)
            except ValueError:
                found = answers.pop(0) if len(answers) > 1 else answers[0]
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]
            return real(host, port, *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", look_up)

    return to


@pytest.fixture
def dialled(monkeypatch):
    """Note the addresses that are connected to; none of them answers."""
    tried = []

    def connect(address, timeout=None, **kwargs):
        tried.append(address[0])
        raise ConnectionRefusedError("not today")

    monkeypatch.setattr(socket, "create_connection", connect)
    return tried


def post(url):
    return posting.post(url, b"{}", {}, timeout=2)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0.0.0.0",  # noqa: S104 - what is refused
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fd00::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a00:1]",
        "[2002:7f00:1::]",
        "localhost",
    ],
)
def test_no_address_of_a_private_network_is_connected_to(dialled, host):
    answer = post(f"http://{host}:{_PORT}/")

    assert dialled == []
    assert answer.status is None
    assert answer.error


@pytest.mark.parametrize("address", ["10.0.0.5", "127.0.0.1", "169.254.169.254"])
def test_a_name_that_leads_inside_is_refused(resolve, dialled, address):
    resolve([address])

    answer = post("https://innocent.example.com/")

    assert dialled == []
    assert address in answer.error


def test_a_name_that_leads_inside_and_outside_is_refused(resolve, dialled):
    resolve(["93.184.216.34", "10.0.0.5"])

    post("https://innocent.example.com/")

    assert dialled == []


def test_a_name_that_changes_its_mind_is_connected_where_it_was_checked(resolve, dialled):
    resolve(["93.184.216.34"], ["127.0.0.1"])

    answer = post("http://rebinding.example.com/")

    assert dialled == ["93.184.216.34"]
    assert "not today" in answer.error


def test_all_addresses_of_a_name_are_tried(resolve, dialled):
    resolve(["93.184.216.34", "93.184.216.35"])

    post("http://example.com/")

    assert dialled == ["93.184.216.34", "93.184.216.35"]


def test_a_site_may_allow_its_own_network(settings, resolve, dialled):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    resolve(["10.0.0.5"])

    post("http://erp:8080/")

    assert dialled == ["10.0.0.5"]


def test_what_is_no_machine_is_never_allowed(settings, dialled):
    settings.WEBHOOK_ALLOW_PRIVATE = True

    for host in ("0.0.0.0", "224.0.0.1", "[::]"):  # noqa: S104 - what is refused
        assert post(f"http://{host}/").error

    assert dialled == []


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch, resolve, dialled):
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:3128")
    resolve(["93.184.216.34"])

    post("https://example.com/")

    assert dialled == ["93.184.216.34"]
