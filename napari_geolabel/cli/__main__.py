"""``python -m napari_geolabel.cli`` is ``geolabel``."""

from napari_geolabel.cli.app import main

main()
