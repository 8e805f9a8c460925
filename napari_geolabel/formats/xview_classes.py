"""The classes of the data sets xView and xView3, by their numbers and flags."""

from __future__ import annotations

from itertools import count

from napari_geolabel.ontology import LabelClass, Ontology

XVIEW = {
    11: "Fixed-wing Aircraft",
    12: "Small Aircraft",
    13: "Passenger/Cargo Plane",
    15: "Helicopter",
    17: "Passenger Vehicle",
    18: "Small Car",
    19: "Bus",
    20: "Pickup Truck",
    21: "Utility Truck",
    23: "Truck",
    24: "Cargo Truck",
    25: "Truck Tractor w/ Box Trailer",
    26: "Truck Tractor",
    27: "Trailer",
    28: "Truck Tractor w/ Flatbed Trailer",
    29: "Truck Tractor w/ Liquid Tank",
    32: "Crane Truck",
    33: "Railway Vehicle",
    34: "Passenger Car",
    35: "Cargo/Container Car",
    36: "Flat Car",
    37: "Tank car",
    38: "Locomotive",
    40: "Maritime Vessel",
    41: "Motorboat",
    42: "Sailboat",
    44: "Tugboat",
    45: "Barge",
    47: "Fishing Vessel",
    49: "Ferry",
    50: "Yacht",
    51: "Container Ship",
    52: "Oil Tanker",
    53: "Engineering Vehicle",
    54: "Tower crane",
    55: "Container Crane",
    56: "Reach Stacker",
    57: "Straddle Carrier",
    59: "Mobile Crane",
    60: "Dump Truck",
    61: "Haul Truck",
    62: "Scraper/Tractor",
    63: "Front loader/Bulldozer",
    64: "Excavator",
    65: "Cement Mixer",
    66: "Ground Grader",
    71: "Hut/Tent",
    72: "Shed",
    73: "Building",
    74: "Aircraft Hangar",
    76: "Damaged Building",
    77: "Facility",
    79: "Construction Site",
    83: "Vehicle Lot",
    84: "Helipad",
    86: "Storage Tank",
    89: "Shipping container lot",
    91: "Shipping Container",
    93: "Pylon",
    94: "Tower",
}
"""The sixty classes of xView; its files also have the numbers `NO_CLASS`."""
NO_CLASS = (75, 82)
"""Numbers that mean nothing in files of xView; no set, since a file may have anything for a number."""
_FIRST_OWN = 1000
"""Where numbers begin for classes whose own would be that of another class."""
_VESSELS = frozenset(
    {"vessel", "ship", "boat", *(word.casefold() for number, word in XVIEW.items() if 40 <= number <= 52)}
)
"""What classes of vessels are called, or a class above them."""


def xview_word(number: object) -> str | None:
    """Return the name of a class of xView, its number where it has none."""
    if not isinstance(number, int | float) or isinstance(number, bool):
        return None
    return XVIEW.get(int(number), str(int(number))) if number == number and abs(number) < 1e9 else None


def xview_number(class_id: str, name: str) -> int | None:
    """Return the number of a class of xView, by the id or name of a class of ours."""
    words = {class_id.replace("_", " ").casefold(), name.casefold()}
    return next((number for number, word in XVIEW.items() if word.casefold() in words), None)


def xview_numbers(ontology: Ontology) -> dict[str, int]:
    """Return the number of each class of ours: that of xView's class of its name, its own mask value, or a new one.

    A mask value is no use where it is a number of xView, which would make
    another class of it, or none at all; such classes are numbered from 1000 up.
    """
    numbers: dict[str, int] = {}
    taken = {0, *XVIEW, *NO_CLASS}
    for cls in ontology.classes:
        known = xview_number(cls.id, cls.name)
        if known is None and cls.mask_value is not None and cls.mask_value not in taken:
            known = cls.mask_value
        if known is not None:
            numbers[cls.id] = known
    taken |= set(numbers.values())
    free = (number for number in count(_FIRST_OWN) if number not in taken)
    return {cls.id: numbers[cls.id] if cls.id in numbers else next(free) for cls in ontology.classes}


def is_vessel_class(label_class: LabelClass, ontology: Ontology) -> bool | None:
    """Return whether a class of ours is one of vessels, by its name or those above it; None where they do not say."""
    seen: set[str] = set()
    found: LabelClass | None = label_class
    while found is not None and found.id not in seen:
        seen.add(found.id)
        words = {found.id.replace("_", " ").casefold(), found.name.casefold()}
        if words & _VESSELS:
            return True
        if "fixed structure" in words:
            return False
        found = ontology[found.parent] if found.parent is not None else None
    return None


def vessel_word(is_vessel: bool | None, is_fishing: bool | None) -> str:
    """Return what xView3's flags call a detection."""
    if is_vessel is None:
        return "object"
    if not is_vessel:
        return "fixed_structure"
    return "fishing_vessel" if is_fishing else "vessel"
