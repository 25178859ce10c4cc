"""How a record shows the others that it names."""

CATEGORY = ("id", "slug", "name")
PLACE = ("id", "code", "name")
ITEM = ("id", "sku", "name")
LOT = ("id", "number", "expires_on", "status")
PERSON = {"id": "id", "email": "email", "name": "__str__"}
