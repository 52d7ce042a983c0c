"""A class: each submission through its stages, then gradebook, feedback and report."""
