"""How fast the desk is on a made county: pages under load, whole-county work, taking in sheets."""
