from django.db import migrations

VIRTUAL_LOCATIONS = {
    "supplier": "Supplier",
    "consumption": "Consumption",
    "adjustment": "Adjustment",
    "scrap": "Scrap",
    "opening": "Opening balance",
}

#: UN/ECE Recommendation 20. Counted finely until a site says otherwise, but for what is whole by its nature.
UNITS = [
    ("EA", "each", 4),
    ("C62", "one", 4),
    ("H87", "piece", 4),
    ("PR", "pair", 0),
    ("SET", "set", 0),
    ("DZN", "dozen", 4),
    ("CEN", "hundred", 4),
    ("MIL", "thousand", 4),
    ("KGM", "kilogram", 4),
    ("GRM", "gram", 4),
    ("MGM", "milligram", 4),
    ("TNE", "tonne (metric ton)", 4),
    ("LBR", "pound", 4),
    ("ONZ", "ounce", 4),
    ("LTR", "litre", 4),
    ("MLT", "millilitre", 4),
    ("MTQ", "cubic metre", 4),
    ("GLL", "gallon (US)", 4),
    ("MTR", "metre", 4),
    ("MMT", "millimetre", 4),
    ("CMT", "centimetre", 4),
    ("FOT", "foot", 4),
    ("INH", "inch", 4),
    ("MTK", "square metre", 4),
    ("HUR", "hour", 4),
    ("DAY", "day", 4),
    ("KWH", "kilowatt hour", 4),
    ("XBX", "box", 4),
    ("XPK", "package", 4),
    ("XBG", "bag", 4),
    ("XCT", "carton", 4),
    ("XDR", "drum", 4),
    ("XBO", "bottle", 4),
    ("XRO", "roll", 4),
    ("XPX", "pallet", 4),
    ("XTN", "tin", 4),
    ("KT", "kit", 4),
]


def forwards(apps, schema_editor):
    location = apps.get_model("inventory", "Location")
    for kind, name in VIRTUAL_LOCATIONS.items():
        location.objects.get_or_create(kind=kind, defaults={"code": f"@{kind}", "name": name})
    unit = apps.get_model("inventory", "UnitOfMeasure")
    for code, name, decimals in UNITS:
        unit.objects.get_or_create(code=code, defaults={"name": name, "decimals": decimals})


class Migration(migrations.Migration):
    dependencies = [("inventory", "0002_ledger_guards")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
