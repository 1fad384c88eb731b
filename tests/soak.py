"""How many more random cases than usual are drawn: YIHU_SOAK=50, as `make soak` sets it.

Without it every run draws the same cases, so that a build fails for what it changed and not for
its luck. A soak draws new ones.
"""

from __future__ import annotations

import os

SOAK = int(os.environ.get("YIHU_SOAK", "1"))
