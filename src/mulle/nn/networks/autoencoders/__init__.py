"""Autoencoders: networks that learn a code by reconstructing their input."""

from mulle.nn.networks.autoencoders.autoencoder import Autoencoder
from mulle.nn.networks.autoencoders.denoising import DenoisingAutoencoder
from mulle.nn.networks.autoencoders.sparse import SparseAutoencoder
from mulle.nn.networks.autoencoders.stacked import StackedAutoencoder
from mulle.nn.networks.autoencoders.undercomplete import UndercompleteAutoencoder
from mulle.nn.networks.autoencoders.variational import VariationalAutoencoder

__all__ = [
    "Autoencoder",
    "DenoisingAutoencoder",
    "SparseAutoencoder",
    "StackedAutoencoder",
    "UndercompleteAutoencoder",
    "VariationalAutoencoder",
]
