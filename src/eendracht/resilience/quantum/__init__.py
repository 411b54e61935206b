"""Ready for quantum: what authorities say of an algorithm, what is urgent, who waits for whom, how far all are."""
