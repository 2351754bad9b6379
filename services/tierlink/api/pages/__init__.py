"""Pages for people: server-rendered, in three languages, readable without JavaScript."""

from tierlink.api.pages.rendering import STATIC_FOLDER, error_page
from tierlink.api.pages.routes import router

__all__ = ["STATIC_FOLDER", "error_page", "router"]
