"""The ZGW APIs of VNG: Zaken 1.5, Catalogi 1.3, Documenten 1.4, Notificaties 1.0, as a client speaks them.

Written from what these standards say of the operations used here; the profile is *unverified against a published file*:
the published OpenAPI documents were not at hand, and the tests hold it against a description of our own.
"""
