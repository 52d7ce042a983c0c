"""Graders are graded: known submissions, and what must come of each."""
