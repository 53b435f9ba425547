"""Every read of the club: kinds of contributions, counting by rules, badges and their holders, credentials."""
