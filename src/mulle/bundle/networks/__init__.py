"""Networks as bundles: columns in, labels or values out, of a network that was made elsewhere."""

from mulle.bundle.networks.pack import pack

__all__ = ["pack"]
