"""What lies in deploy/, read as those read it who run it: Docker, systemd, PostgreSQL, gunicorn."""

import configparser
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from tests import server

DEPLOY = server.PROJECT / "deploy"
APPLICATION = {"prepare", "web", "worker", "beat"}
REPLACED = re.compile(r"\$\{(\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")


def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def in_comments_or_not(file):
    """Return the names that a file of settings has or offers."""
    return set(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", file.read_text(), re.MULTILINE))


def test_every_part_of_the_site_comes_back_by_itself_and_says_whether_it_lives():
    services = compose()["services"]

    assert set(services) == APPLICATION | {"postgres", "redis", "proxy"}
    lasting = {name: service for name, service in services.items() if name != "prepare"}
    assert {service["restart"] for service in lasting.values()} == {"unless-stopped"}
    # The web server's question stands in the image.
    assert {name for name, service in lasting.items() if "healthcheck" not in service} == {"web"}
    for name in ("worker", "beat"):
        assert services[name]["healthcheck"]["test"][1:] == ["python", "-m", "ipms.health", name]


def test_nothing_but_the_proxy_can_be_reached_from_outside():
    services = compose()["services"]

    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert compose()["networks"]["inside"] == {"internal": True}
    assert {name for name in services if services[name]["networks"] != ["inside"]} == {
        "web", "worker", "proxy",
    }  # fmt: skip


def test_application_runs_without_any_privilege():
    for name in APPLICATION:
        service = compose()["services"][name]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_whatever_a_service_refers_to_is_declared():
    site = compose()
    for service in site["services"].values():
        assert set(service["networks"]) <= set(site["networks"])
        assert set(service.get("depends_on", {})) <= set(site["services"])
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in site["volumes"] or (DEPLOY / source).exists()


def test_only_the_preparation_knows_the_owner_of_the_tables():
    knowing = [name for name, service in compose()["services"].items() if "OWNER_PASSWORD" in str(service)]

    assert set(knowing) == {"prepare", "postgres"}


def test_every_secret_is_demanded_and_offered_in_the_example():
    text = (DEPLOY / "compose.yaml").read_text()
    demanded = {found[1] for found in REPLACED.finditer(text) if found["kind"] == "?"}
    named = {found[1] for found in REPLACED.finditer(text)}

    assert demanded >= {"SECRET_KEY", "JWT_SECRET_KEY", "APP_PASSWORD", "OWNER_PASSWORD", "SITE_NAME"}
    assert named - {"IPMS_VERSION"} <= in_comments_or_not(DEPLOY / "env.example")


def test_settings_that_the_image_and_its_services_give_are_settings_that_there_are():
    image = re.findall(r"^(?:ENV|   ) (\w+)=", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    given = set(image) | set(compose()["services"]["prepare"]["environment"])

    known = in_comments_or_not(server.PROJECT / ".env.example")
    assert {name for name in given if name not in known and not name.startswith(("PYTHON", "PATH"))} == set()


def test_settings_of_the_code_stand_in_the_example():
    code = "".join(file.read_text() for file in (server.PROJECT / "ipms" / "settings").glob("*.py"))
    read = set(re.findall(r"""\benv(?:\.\w+)?\(\s*"([A-Z_]+)\"""", code))

    # Set by the program that starts the web server.
    assert read - in_comments_or_not(server.PROJECT / ".env.example") == {"PROMETHEUS_MULTIPROC_DIR"}


def test_files_name_no_host_of_a_registry():
    for file in (DEPLOY / "Dockerfile", DEPLOY / "compose.yaml"):
        images = re.findall(r"(?:FROM|image:) (\S+)", file.read_text())
        assert images
        assert [image for image in images if "/" in image or "." in image.split(":")[0]] == []


UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_unit_runs_what_there_is_and_may_do_nothing_else(unit):
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str
    parsed.read_string(unit.read_text())
    service = parsed["Service"]
    part = unit.stem.removeprefix("ipms-")

    assert service["ExecStart"] == f"/opt/ipms/.venv/bin/python -m ipms.serve {part}"
    assert service["User"] == "ipms"
    assert service["Restart"] == "on-failure"
    assert "EnvironmentFile=/etc/ipms/ipms.env" in unit.read_text()
    assert (service["NoNewPrivileges"], service["ProtectSystem"]) == ("yes", "strict")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path):
    for unit in (DEPLOY / "systemd").iterdir():
        # The program lies where a site installs it, not here.
        text = unit.read_text().replace("/opt/ipms/.venv/bin/python", sys.executable)
        (tmp_path / unit.name).write_text(text.replace("/opt/ipms", str(server.PROJECT)))

    checked = subprocess.run(
        ["systemd-analyze", "verify", *tmp_path.iterdir()], capture_output=True, text=True, check=False
    )

    said = [line for line in checked.stderr.splitlines() if "ipms" in line]
    assert (checked.returncode, said) == (0, [])
