"""The crisis envelope: what people need when everything is down, in one encrypted file that opens without a node."""
