"""Every read of identity. Claims are told to their holder alone; staff see what a decision needs, on record."""
