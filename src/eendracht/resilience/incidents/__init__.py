"""The clock of the duty to report incidents: which report is due when, which was filed, reminders that come once."""
