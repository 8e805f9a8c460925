"""Label satellite scenes in napari."""
