"""The desk for a web server process."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yihu.settings")
application = get_wsgi_application()
