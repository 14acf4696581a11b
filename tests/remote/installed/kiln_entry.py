"""The kiln as an installed package has it.

KILN_MEANS says how a lost job can be found, KILN_DEADLINE after how many
seconds one is no longer waited for.
"""

from __future__ import annotations

import os
from typing import cast

from kiln import Kiln, Means

provider = Kiln(
    cast("Means", os.environ.get("KILN_MEANS", "id")),
    limits={"deadline": float(os.environ.get("KILN_DEADLINE", "30"))},
)
