"""Every read of identity. Claims are told to their holder alone; what staff see for a decision is recorded."""
