"""What happens to an account happens to its devices at once, in the very transaction: there is nothing to react to. But
every process loads this module, and with it accounts learns whom to call (`actions.letting_in`)."""

from meydan.messaging.actions.letting_in import Devices, Tokens

__all__ = ["Devices", "Tokens"]
