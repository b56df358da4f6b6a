from . import merge, duplicates
