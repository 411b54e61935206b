"""The append-only history that anyone can check: a Merkle log (RFC 9162) with C2SP tiles, checkpoints and cosignatures.

Pure library code: no database and no framework. Whoever keeps the entries calls it under the lock on the log head.
"""
