"""What Discord answers with and when: error codes, outages, its clock, refreshed links."""
