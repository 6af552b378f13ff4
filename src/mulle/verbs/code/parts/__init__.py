"""What the scripts of `mulle code` are put together from: public libraries only, none of mulle.

Each module is plain Python that is tested like any other; a script gets the functions and classes
that its plans need, word by word.
"""

__all__: list[str] = []
