"""An evening: all helpers of a county come home and their phones sync with one server."""
