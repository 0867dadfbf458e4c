"""Names for the colours that an event may have in place of its calendar's, as Google's web calendar calls them."""

from aicalendar_tui.i18n import N_

COLOR_NAMES = {
    "1": N_("Lavender"),
    "2": N_("Sage"),
    "3": N_("Grape"),
    "4": N_("Flamingo"),
    "5": N_("Banana"),
    "6": N_("Tangerine"),
    "7": N_("Peacock"),
    "8": N_("Graphite"),
    "9": N_("Blueberry"),
    "10": N_("Basil"),
    "11": N_("Tomato"),
}
"""msgids by `colorId`."""
