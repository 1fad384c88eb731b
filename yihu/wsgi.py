"""The desk for a web server process."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yihu.settings")
_django = get_wsgi_application()

from yihu.web.lanes import Lanes  # noqa: E402  Django must be set up first

application = Lanes(_django)

# What a request makes goes with it; rings of things that hold each other are rare, and to look for
# them after each seven hundred took a twentieth of the time. What is here stays for ever.
gc.freeze()
gc.set_threshold(10_000, 20, 20)
