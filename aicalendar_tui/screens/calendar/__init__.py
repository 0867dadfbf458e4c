"""The calendar itself: the views, the sidebar, and the lines above and below them."""
