"""Service before it is asked for: who is entitled without using it, found on a ground and told in plain words.

People stay pseudonyms until a message is sent; each use of their data is in the processing log.
"""
