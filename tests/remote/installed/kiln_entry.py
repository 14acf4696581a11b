"""The kiln as an installed package has it; KILN_MEANS says how a lost job can be found."""

from __future__ import annotations

import os
from typing import cast

from kiln import Kiln, Means

provider = Kiln(cast("Means", os.environ.get("KILN_MEANS", "id")))
