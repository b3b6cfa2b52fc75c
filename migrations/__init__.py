"""The alembic migrations of pgunwind, as a package so that wheels and editable installs carry them."""
