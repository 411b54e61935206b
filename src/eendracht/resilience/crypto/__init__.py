"""Which cryptography is in use where: read from bills, certificates and scans, and found again."""
