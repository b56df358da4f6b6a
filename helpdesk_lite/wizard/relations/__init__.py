from . import relate
