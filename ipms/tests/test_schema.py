"""The OpenAPI document says what the code does."""

import json
import re

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator

from ipms.api import exceptions

pytestmark = [pytest.mark.django_db, pytest.mark.urls("ipms.tests.urls")]


@pytest.fixture(scope="module")
def document():
    return SchemaGenerator(urlconf="ipms.tests.urls").get_schema(request=None, public=True)


def resolve(document, node):
    while "$ref" in node:
        kind, name = node["$ref"].removeprefix("#/components/").split("/")
        node = document["components"][kind][name]
    return node


def schema_of(operation, status="200"):
    return operation["responses"][status]["content"]["application/json"]["schema"]


@pytest.mark.urls("ipms.urls")
def test_document_of_the_whole_project_is_valid_and_complete(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", file=str(tmp_path / "schema.yml"))


def test_every_operation_has_a_summary_and_its_shared_answers(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], path
            assert {"429", "503"} <= set(operation["responses"])
            if method != "get":
                assert {"$ref": "#/components/parameters/IdempotencyKey"} in operation["parameters"]
                assert {"400", "409", "422"} <= set(operation["responses"])
            for response in operation["responses"].values():
                assert resolve(document, response)["description"]


def test_answers_stand_in_their_envelope(document):
    read = schema_of(document["paths"]["/api/rates/{id}"]["get"])
    made = schema_of(document["paths"]["/api/rates"]["post"], "201")

    for schema in (read, made):
        assert schema["required"] == ["message", "data", "timestamp"]
        assert schema["properties"]["data"] == {"$ref": "#/components/schemas/Rate"}


def test_lists_have_pagination_and_their_parameters(document):
    operation = document["paths"]["/api/rates"]["get"]

    page = resolve(document, schema_of(operation))
    assert page["properties"]["pagination"]["allOf"] == [{"$ref": "#/components/schemas/Pagination"}]
    names = {parameter["name"] for parameter in operation["parameters"]}
    assert names == {
        "page",
        "per_page",
        "q",
        "ordering",
        "currency",
        "valid_since",
        "valid_until",
        "is_manual",
    }


def test_versioned_records_take_and_give_their_version(document):
    paths = document["paths"]["/api/rates/{id}"]

    assert {"$ref": "#/components/parameters/IfMatch"} in paths["put"]["parameters"]
    assert {"$ref": "#/components/parameters/IfNoneMatch"} in paths["get"]["parameters"]
    assert "ETag" in paths["patch"]["responses"]["200"]["headers"]
    assert "412" in paths["put"]["responses"]
    assert "304" in paths["get"]["responses"]


def test_exact_numbers_are_strings(document):
    rate = document["components"]["schemas"]["Rate"]["properties"]["rate"]

    assert (rate["type"], rate["format"]) == ("string", "decimal")


def test_login_needs_no_token_and_everything_else_does(document):
    for path, methods in document["paths"].items():
        for operation in methods.values():
            is_open = path in {"/api/auth/login", "/api/auth/refresh"}
            assert ("security" in operation) != is_open, path


def test_what_programmers_are_told_stays_inside(document):
    assert "perform" not in json.dumps(document)
    assert not re.search(r"`make\(|`change\(record", json.dumps(document))


def test_document_is_json_unless_yaml_is_asked_for(client):
    as_json = client.get("/api/schema")
    as_yaml = client.get("/api/schema", headers={"Accept": "application/yaml"})

    assert as_json["Content-Type"] == "application/json"
    assert as_json.json()["openapi"].startswith("3.")
    assert as_yaml["Content-Type"] == "application/yaml"
    assert as_yaml.content.startswith(b"openapi: 3.")


def test_docs_page_asks_no_foreign_host_and_runs_no_inline_script(client):
    response = client.get("/api/docs")
    page = response.content.decode()

    assert response.status_code == 200
    assert re.findall(r'(?:src|href)="([^"]+)"', page)
    assert not [url for url in re.findall(r'(?:src|href)="([^"]+)"', page) if not url.startswith("/")]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)
    assert "unsafe" not in response["Content-Security-Policy"]


def test_docs_page_finds_its_files(client):
    page = client.get("/api/docs").content.decode()

    for url in re.findall(r'"(/static/[^"]+)"', page):
        assert client.get(url).status_code == 200, url


def test_every_code_of_the_contract_has_one_status():
    by_code = {code: status for status, (code, _sentence) in exceptions.BY_STATUS.items()}

    for code, status in exceptions.STATUSES.items():
        assert by_code.get(code, status) == status
