"""Programs of others that ours are tried with: matrix-js-sdk for the messenger, a wallet for the city's credentials.

Tests alone use them; `bin/meydan test` installs them under `build/`."""

from meydan.site.frontend import CHECKOUT, PACKAGE
from meydan.site.frontend import SOURCE as FRONTEND
from meydan.site.npm import Kit

SOURCE = PACKAGE / "messaging" / "tests" / "conformance" / "sdk"
KIT = Kit(lock=FRONTEND / "seal", folder=CHECKOUT / "build" / "sdk", oldest_node=22)
"""The lock is that of the messenger's page; matrix-js-sdk 43 asks for this Node.js."""
FOLDER, NODE = KIT.folder, KIT.node
is_installed, install = KIT.is_installed, KIT.install

WALLET_SOURCE = PACKAGE / "identity" / "tests" / "wallet"
WALLET = Kit(lock=WALLET_SOURCE, folder=CHECKOUT / "build" / "wallet", oldest_node=20)
