"""The doors of the standards: wallets and verifiers come here, by no cookie and from any origin."""
