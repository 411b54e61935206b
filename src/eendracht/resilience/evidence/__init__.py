"""One proof for many accounts: what is asked, what shows it, which account lacks what, and what would fill most."""
