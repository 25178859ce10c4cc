"""`python -m ipms.embedded.reset`, which is `make reset`: delete the data folder, asking first."""

import os
import sys

from ipms import embedded
from ipms.embedded import paths, postgres, run


def main() -> None:
    """Delete everything that the embedded default keeps. Ends with code 1 where it may not."""
    try:
        plan = run.read_plan()
        place = paths.layout(plan.var)
        folders = embedded.folders(plan.var)
        if not folders:
            sys.exit(f"There is nothing to delete: {plan.var} does not exist.")
        with run.only_run(plan, wants_port=False):
            if postgres.answers(place):
                raise embedded.EmbeddedError(
                    f"The database in {place.postgres} is in use: end what uses it first."
                )
            if not is_confirmed([str(folder) for folder in folders]):
                sys.exit("Nothing was deleted.")
            embedded.remove(plan.var)
    except embedded.EmbeddedError as error:
        sys.exit(str(error))
    run.say("Deleted. `make run` begins anew.")


def is_confirmed(folders: list[str]) -> bool:
    """Ask the person at the terminal, unless YES=1 has answered."""
    if os.environ.get("YES") == "1":
        return True
    if not sys.stdin.isatty():
        raise embedded.EmbeddedError("`make reset` asks at a terminal; without one, say YES=1 make reset.")
    return input(f"Delete {' and '.join(folders)} with everything in it? Type yes: ").strip() == "yes"


if __name__ == "__main__":
    main()
