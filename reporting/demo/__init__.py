"""A believable year in the books of a food factory in Kigali, for trying the product.

Everything goes through the doors that people use: orders are placed, approved and received by
`procurement`, stock is posted by `inventory.ledger`. The same day gives the same books.
"""
