"""Check trades by their own documents: order, payment and delivery of a shop; invoices and dues."""
