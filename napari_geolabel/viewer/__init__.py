"""napari adapters: layers, views, tools and keys of a labelling session, without Qt."""
