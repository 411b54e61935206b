"""Forms that a rule drives: what a register has is shown with its source, what is missing is asked, one at a time."""
