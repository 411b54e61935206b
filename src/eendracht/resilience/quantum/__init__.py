"""Ready for quantum: what authorities say of each algorithm, what is urgent, who waits for whom, and how far all are."""
