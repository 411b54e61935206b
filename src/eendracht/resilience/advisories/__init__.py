"""Security advisories (CSAF 2.0): read and checked, matched to what there is, with who is touched and who acts."""
