"""What `performance.py` measures, a module a thing; `page` says it in words."""
