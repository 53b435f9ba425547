"""PDF files that people sign (PAdES, ETSI EN 319 142-1): a stranger's file is read in a bounded child process that has
no key; the signature is made elsewhere, over a digest. Pure: no Django, no database, nothing kept."""
