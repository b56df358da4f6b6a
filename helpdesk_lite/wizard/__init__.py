from . import access, reassign
from . import intake
