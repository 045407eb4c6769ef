"""`memls serve`: the same questions over HTTP. The only package that knows Starlette and uvicorn."""
