"""What may be asked of a notebook, and what came of it: both are data."""
