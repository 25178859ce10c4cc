"""Spreadsheets in, a file at a time: looked at, checked, imported, and undone.

`runs` is what people do with a file, `working` what is done with its rows, here or by a worker; the objects
that can be imported say so in the `resources` of their apps, under `@registry.importable(…)`.
"""
