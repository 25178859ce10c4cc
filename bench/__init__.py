"""What the product does in a second, beside what the machine could do: `make bench`.

It runs on servers of its own, durable as in production, and writes nothing into the project.
"""
