"""Our database backend: PostgreSQL as Django has it, with a cheaper look at the connection before each request."""
