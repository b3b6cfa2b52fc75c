"""Example applications, each on top of the public client alone."""
