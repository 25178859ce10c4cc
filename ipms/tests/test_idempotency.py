"""One key, one effect."""

import json
import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone

from ipms.api import idempotency
from ipms.errors import InUse, InvalidInput
from ipms.models import ExchangeRate, IdempotencyRecord

pytestmark = [pytest.mark.django_db, pytest.mark.urls("ipms.tests.urls")]

EURO = {"currency": "EUR", "rate": "1.25", "valid_from": "2031-05-01"}


@pytest.fixture
def keyed(api, manager):
    """A client whose every request has one key."""
    return api(manager, **{"Idempotency-Key": "order-17"})


def test_second_request_gets_the_first_answer_and_no_second_effect(keyed):
    first = keyed.post("/api/rates", EURO)
    second = keyed.post("/api/rates", EURO)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert second["ETag"] == first["ETag"]
    assert ExchangeRate.objects.count() == 1


def test_body_counts_by_its_meaning(keyed):
    keyed.post("/api/rates", EURO)

    again = keyed.post(
        "/api/rates", json.dumps(dict(reversed(EURO.items())), indent=4), content_type="application/json"
    )

    assert again["Idempotency-Replayed"] == "true"


def test_trailing_slash_is_the_same_path(keyed):
    keyed.post("/api/rates", EURO)

    assert keyed.post("/api/rates/", EURO)["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(("post", "/api/rates", {**EURO, "rate": "1.26"}), id="body"),
        pytest.param(("post", "/api/rates?a=1", EURO), id="query"),
        pytest.param(("post", "/api/who", EURO), id="path"),
        pytest.param(("put", "/api/rates", EURO), id="method"),
    ],
)
def test_key_stands_for_one_request(keyed, other):
    keyed.post("/api/rates", EURO)
    method, path, body = other

    response = getattr(keyed, method)(path, body)

    assert (response.status_code, response.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_key_belongs_to_its_user(keyed, api, admin):
    keyed.post("/api/rates", EURO)

    other = api(admin, **{"Idempotency-Key": "order-17"}).post("/api/rates", {**EURO, "currency": "RWF"})

    assert other.status_code == 201


def test_put_patch_and_delete_have_one_effect_too(api, manager):
    client = api(manager)
    path = f"/api/rates/{client.post('/api/rates', EURO).json()['data']['id']}"

    for method, body in (("put", {"source": "a"}), ("patch", {"source": "b"}), ("delete", None)):
        first = getattr(client, method)(path, body, headers={"Idempotency-Key": method})
        second = getattr(client, method)(path, body, headers={"Idempotency-Key": method})

        assert first.status_code == second.status_code == 200
        assert first.content == second.content
        assert second["Idempotency-Replayed"] == "true"


def test_refusal_is_an_answer_and_undoes_what_was_done(keyed, api, manager):
    rate = ExchangeRate.objects.create(currency="EUR", rate=Decimal(1), valid_from=timezone.now().date())

    first = keyed.post(f"/api/rates/{rate.pk}/refuse")
    second = keyed.post(f"/api/rates/{rate.pk}/refuse")

    assert first.status_code == second.status_code == 409
    assert first.content == second.content
    assert ExchangeRate.objects.filter(pk=rate.pk).exists()


def test_missing_permission_is_an_answer(api, staff):
    client = api(staff, **{"Idempotency-Key": "k"})

    assert client.post("/api/rates", EURO).status_code == 403
    assert client.post("/api/rates", EURO)["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("verb", ["break-down", "go-away"])
def test_answer_above_500_is_not_kept_and_undoes_everything(keyed, verb):
    rate = ExchangeRate.objects.create(currency="EUR", rate=Decimal(1), valid_from=timezone.now().date())
    keyed.raise_request_exception = False

    response = keyed.post(f"/api/rates/{rate.pk}/{verb}")

    assert response.status_code in {500, 503}
    assert ExchangeRate.objects.filter(pk=rate.pk).exists()
    assert not IdempotencyRecord.objects.exists()


def test_missing_login_and_throttle_are_not_kept(api, manager, settings):
    settings.THROTTLE_PER_MINUTE = {**settings.THROTTLE_PER_MINUTE, "user": 1}
    client = api(manager)
    client.get("/api/who")

    assert api().post("/api/rates", EURO, headers={"Idempotency-Key": "k"}).status_code == 401
    assert client.post("/api/rates", EURO, headers={"Idempotency-Key": "k"}).status_code == 429
    assert not IdempotencyRecord.objects.exists()


def test_key_means_nothing_to_a_request_that_reads(keyed):
    assert keyed.get("/api/who").status_code == 200
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.parametrize("key", ["", "a b", "a\tb", "é", "x" * 256], ids=repr)
def test_malformed_key_is_refused(api, manager, key):
    response = api(manager).post("/api/rates", EURO, headers={"Idempotency-Key": key})

    assert (response.status_code, response.json()["code"]) == (400, "VALIDATION_ERROR")
    assert not ExchangeRate.objects.exists()


@pytest.mark.parametrize("key", ["x" * 255, "!~", "0f8b-{17}"])
def test_visible_characters_make_a_key(api, manager, key):
    assert api(manager).post("/api/rates", EURO, headers={"Idempotency-Key": key}).status_code == 201


def test_key_is_forgotten_after_its_time(keyed, settings):
    keyed.post("/api/rates", EURO)
    IdempotencyRecord.objects.update(
        created_at=timezone.now() - settings.IDEMPOTENCY_KEEP - timedelta(hours=1)
    )

    response = keyed.post("/api/rates", {**EURO, "currency": "RWF"})

    assert response.status_code == 201
    assert IdempotencyRecord.objects.count() == 1


def test_clean_up_deletes_what_is_too_old(keyed, settings):
    keyed.post("/api/rates", EURO)

    assert idempotency.forget_old() == 0
    IdempotencyRecord.objects.update(
        created_at=timezone.now() - settings.IDEMPOTENCY_KEEP - timedelta(hours=1)
    )
    assert idempotency.forget_old() == 1


def test_record_holds_no_password(api, db):
    body = {"email": "ama@example.com", "password": "correct-Horse-7"}

    api().post("/api/auth/login", body, headers={"Idempotency-Key": "k"})

    record = IdempotencyRecord.objects.get()
    assert "correct-Horse-7" not in f"{record.fingerprint}{record.body}{record.headers}"


class TestOnce:
    """What a batch uses for each of its operations."""

    def run(self, key="k", fingerprint="f", status=200, data="done"):
        self.runs = getattr(self, "runs", 0) + 1
        return idempotency.once(
            "user:1", key, fingerprint=fingerprint, run=lambda: idempotency.answer(status, {"data": data})
        )

    def test_answer_is_kept(self):
        first = self.run(data="first")
        second = self.run(data="second")

        assert (first.replayed, second.replayed) == (False, True)
        assert second.data == first.data == {"data": "first"}

    def test_refusal_becomes_an_answer(self):
        def refuse():
            ExchangeRate.objects.create(currency="EUR", rate=Decimal(1), valid_from=timezone.now().date())
            raise InUse("Somebody needs it.")

        answer = idempotency.once("user:1", "k", fingerprint="f", run=refuse)

        assert (answer.status, answer.data["code"]) == (409, "IN_USE")
        assert not ExchangeRate.objects.exists()

    def test_answer_above_500_is_not_kept(self):
        assert self.run(status=503).status == 503
        assert self.run(status=200).replayed is False

    def test_other_request_and_malformed_key_are_refused(self):
        self.run()

        with pytest.raises(idempotency.IdempotencyKeyReused):
            self.run(fingerprint="g")
        with pytest.raises(InvalidInput):
            self.run(key="a b")


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_key_whose_first_request_runs_is_in_progress(self, api, manager):
        client = api(manager)
        holds, may_end = threading.Event(), threading.Event()

        def hold():
            def run():
                holds.set()
                assert may_end.wait(10)
                return idempotency.answer(200, {"data": "first"})

            idempotency.once(f"user:{manager.pk}", "k", fingerprint="f", run=run)
            connection.close()

        first = threading.Thread(target=hold)
        first.start()
        assert holds.wait(10)
        meanwhile = client.post("/api/rates", EURO, headers={"Idempotency-Key": "k"})
        may_end.set()
        first.join()

        assert (meanwhile.status_code, meanwhile.json()["code"]) == (409, "IDEMPOTENCY_IN_PROGRESS")
        assert not ExchangeRate.objects.exists()

    def test_many_requests_with_one_key_have_one_effect(self, api, manager):
        clients = [api(manager, **{"Idempotency-Key": "k"}) for _ in range(8)]
        start = threading.Barrier(len(clients))
        answers = []

        def post(client):
            start.wait()
            answers.append(client.post("/api/rates", EURO))
            connection.close()

        threads = [threading.Thread(target=post, args=[client]) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        made = [answer for answer in answers if answer.status_code == 201]
        others = [answer for answer in answers if answer.status_code != 201]
        assert len([answer for answer in made if "Idempotency-Replayed" not in answer]) == 1
        assert {answer.content for answer in made} == {made[0].content}
        assert {answer.json()["code"] for answer in others} <= {"IDEMPOTENCY_IN_PROGRESS"}
        assert ExchangeRate.objects.count() == 1

    def test_effect_and_record_are_lost_together(self, manager):
        """What a killed server leaves: its transaction never ends."""

        def run():
            ExchangeRate.objects.create(currency="EUR", rate=Decimal(1), valid_from=timezone.now().date())
            return idempotency.answer(201, {})

        with transaction.atomic():
            idempotency.once("user:1", "k", fingerprint="f", run=run)
            transaction.set_rollback(True)

        assert not ExchangeRate.objects.exists()
        assert idempotency.once("user:1", "k", fingerprint="f", run=run).replayed is False
        assert ExchangeRate.objects.count() == 1


@pytest.mark.django_db
def test_old_keys_are_forgotten_in_batches():
    for number in range(7):
        IdempotencyRecord.objects.create(scope="user:1", key=str(number), fingerprint="x", status=200)
    old = [str(number) for number in range(5)]
    IdempotencyRecord.objects.filter(key__in=old).update(created_at=timezone.now() - timedelta(days=31))

    assert idempotency.forget_old(batch=2) == 5

    assert set(IdempotencyRecord.objects.values_list("key", flat=True)) == {"5", "6"}
