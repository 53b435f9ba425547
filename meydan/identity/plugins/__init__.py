"""The ways out of identity: the registry that is asked, and the engine that looks at faces."""
