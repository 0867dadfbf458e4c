"""HTTP on two sockets: the public webhook, and the local API. FastAPI, Starlette and uvicorn live here alone."""
