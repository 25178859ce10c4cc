import pytest
from django.db import connection
pytestmark = [pytest.mark.django_db, pytest.mark.urls("ipms.tests.urls")]

def show(r):
    print(r.status_code, r.content.decode()[:600], dict(r.headers))

def test_me(api, manager, admin, django_assert_max_num_queries):
    with connection.cursor() as c:
        c.execute("select current_user"); print(c.fetchone())
    c = api(manager)
    show(c.get("/api/auth/me/"))
    show(c.get("/api/auth/users"))
    show(api().get("/api/auth/users"))
    show(api().get("/api/nothing"))
    show(api().get("/api"))
    show(c.get("/api/auth/me", headers={"Accept": "text/html"}))
    show(c.post("/api/auth/me", {}))
    a = api(admin)
    show(a.get("/api/auth/users?per_page=1&q=person&ordering=-email&role=admin,staff"))
    show(a.get("/api/auth/users?page=99"))
    show(a.get("/api/auth/users?per_page=0"))
    show(a.get("/api/auth/users?role=king"))
    show(a.get("/api/auth/users?is_active=perhaps"))
    show(a.get("/api/auth/users?ordering=password"))
    body = {"username": "kofi", "email": "Kofi@Example.com", "password": "correct-Horse-7", "first_name": "K", "last_name": "B", "role": "staff"}
    show(a.post("/api/auth/register", body, headers={"Idempotency-Key": "k1"}))
    show(a.post("/api/auth/register", body, headers={"Idempotency-Key": "k1"}))
    show(a.post("/api/auth/register", {**body, "x": 1}, headers={"Idempotency-Key": "k1"}))
    show(a.post("/api/auth/register", {**body, "x": 1}))
    r = api().post("/api/auth/login", {"email": "KOFI@example.com", "password": "correct-Horse-7"})
    show(r)
    show(api().post("/api/auth/login", {"email": "KOFI@example.com", "password": "x"}, headers={"Idempotency-Key": "k1"}))
    show(api().post("/api/auth/login", {"email": "unknown@example.com", "password": "x"}))
    t = r.json()["data"]
    n = api().post("/api/auth/refresh", {"refresh": t["refresh"]}); show(n)
    show(api().post("/api/auth/refresh", {"refresh": t["refresh"]}))
    show(api(Authorization="Bearer "+n.json()["data"]["access"]).get("/api/auth/me"))
