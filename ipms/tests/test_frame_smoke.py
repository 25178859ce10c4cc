import pytest
pytestmark = pytest.mark.django_db

def test_me(api, manager):
    r = api(manager).get("/api/auth/me/")
    print(r.status_code, r.content)
    assert r.status_code == 200
