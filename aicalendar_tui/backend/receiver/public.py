"""The app that the world can reach through a tunnel or proxy: one route, nothing to explore."""

from starlette.applications import Starlette
from starlette.routing import Route

from aicalendar_tui.backend.receiver.problems import install_handlers
from aicalendar_tui.backend.receiver.webhook import PATH, Accept, Webhook


def create_app(accept: Accept) -> Starlette:
    """`accept` may block (it is called in a thread) and raises Transient for "not now"."""
    app = Starlette(routes=[Route(PATH, Webhook(accept).__call__, methods=["POST"])])
    app.router.redirect_slashes = False
    install_handlers(app)
    return app
