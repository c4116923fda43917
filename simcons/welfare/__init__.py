"""Social welfare functions: the isoelastic family, maps from scores to utilities, selection and its ties."""

from simcons.welfare.isoelastic import isoelastic
from simcons.welfare.selection import Selection, select
from simcons.welfare.utility import utility

__all__ = ["Selection", "isoelastic", "select", "utility"]
