"""Ask QGIS what it makes of a file, and print it as JSON.  Runs under the Python that QGIS belongs to."""

import json
import sys

from qgis.core import QgsApplication, QgsRasterLayer, QgsRenderContext, QgsVectorLayer


def merged(maps):
    """QGIS keeps a drop-down as a list of one-entry maps."""
    return {key: value for each in maps for key, value in each.items()} if isinstance(maps, list) else maps


def vector(uri):
    layer = QgsVectorLayer(uri, "labels", "ogr")
    renderer = layer.renderer()
    found = {
        "valid": layer.isValid(),
        "features": layer.featureCount(),
        "crs": layer.crs().authid(),
        "renderer": renderer.type(),
        "geometry_type": layer.wkbType(),
        "drop_downs": {
            field.name(): merged(layer.editorWidgetSetup(index).config()["map"])
            for index, field in enumerate(layer.fields())
            if layer.editorWidgetSetup(index).type() == "ValueMap"
        },
        "boxes": [feature.geometry().boundingBox().asWktPolygon() for feature in layer.getFeatures()],
    }
    if renderer.type() == "categorizedSymbol":
        found["column"] = renderer.classAttribute()
        found["legend"] = [[c.value(), c.label(), c.symbol().color().name()] for c in renderer.categories()]
        context = QgsRenderContext()
        renderer.startRender(context, layer.fields())
        found["drawn"] = sorted(
            {renderer.symbolForFeature(feature, context).color().name() for feature in layer.getFeatures()}
        )
        renderer.stopRender(context)
    return found


def raster(path):
    layer = QgsRasterLayer(path, "mask")
    renderer = layer.renderer()
    provider = layer.dataProvider()
    found = {"valid": layer.isValid(), "crs": layer.crs().authid(), "renderer": renderer.type()}
    if renderer.type() == "paletted":
        found["legend"] = [[int(c.value), c.label, c.color.name(), c.color.alpha()] for c in renderer.classes()]
    block = renderer.block(1, layer.extent(), layer.width(), layer.height())
    found["alphas"] = [[(block.color(r, c) >> 24) & 255 for c in range(layer.width())] for r in range(layer.height())]
    found["nodata"] = provider.sourceNoDataValue(1)
    return found


def sld(uri):
    """What QGIS makes of a style: ``file|style.sld``."""
    path, _, style = uri.partition("|")
    layer = QgsVectorLayer(path, "labels", "ogr")
    message, is_read = layer.loadSldStyle(style)
    rules = layer.renderer().rootRule().children()
    return {
        "read": is_read,
        "message": message,
        "rules": [[r.label(), r.filterExpression(), r.symbol().color().name()] for r in rules],
    }


app = QgsApplication([], False)
app.initQgis()
answer = {"vector": vector, "raster": raster, "sld": sld}[sys.argv[1]](sys.argv[2])
print("ANSWER" + json.dumps(answer))
app.exitQgis()
