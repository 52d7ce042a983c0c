"""What learning management systems write and read: downloads, rosters, grade files."""
