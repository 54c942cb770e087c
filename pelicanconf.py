"""Builds the demo with Pelican's own command: `pelican content -s pelicanconf.py`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # a checkout works without being installed

from generator.site import pelican_settings
from generator.workspace import demo_site_input

globals().update(pelican_settings(demo_site_input(), Path("output")))
DELETE_OUTPUT_DIRECTORY = True
