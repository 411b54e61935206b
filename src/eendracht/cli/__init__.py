"""The command line: one verb a command, `--json` on each, heavy modules loaded only by the command that needs them."""
