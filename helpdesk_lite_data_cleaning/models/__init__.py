from . import merge, duplicates, split
