"""The pages of imports: where one begins, beside each list; and what becomes of a file."""
