"""Building blocks of the outside, which know no wing: output of commands, pieces of pages."""
