"""Builds the demo with Pelican's own command: `pelican content -s pelicanconf.py`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # a checkout works without being installed

from generator.resources import bundled
from generator.site import SiteInput, pelican_settings
from generator.workspace import demo_accounts

_settings, _clients = demo_accounts()
globals().update(pelican_settings(SiteInput(_settings, _clients, bundled("content")), Path("output")))
DELETE_OUTPUT_DIRECTORY = True
