"""Submissions: read from hostile bytes, and rebuilt on the instructor's template."""
