"""`make bench`: pgunwind beside what its users would otherwise pick."""
