"""The desk for a web server process."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yihu.settings")
_django = get_wsgi_application()

from yihu.web.lanes import Lanes  # noqa: E402  Django must be set up first

application = Lanes(_django)
