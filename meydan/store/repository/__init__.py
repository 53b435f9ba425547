"""An F-Droid repository, written and signed without Java. Pure: no Django, no models; dataclasses in, files out."""

from meydan.store.repository.apps import App, Category, Description, Picture, Release
from meydan.store.repository.key import SigningKey
from meydan.store.repository.writing import Published, Repository

__all__ = ["App", "Category", "Description", "Picture", "Published", "Release", "Repository", "SigningKey"]
