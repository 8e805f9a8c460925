"""Labels as GeoDataFrames and back."""
