"""Papers that people sign and put on shelves: orders, receipts, vouchers, labels."""
