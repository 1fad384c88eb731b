"""Changes of the tables, made by `python manage.py makemigrations`."""
