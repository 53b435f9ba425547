"""The pages of identity."""
