"""HTTPS in a county's own network: an authority, a certificate, and a page that helps phones trust.

A phone runs the field app without a network only when it came over HTTPS, and no public authority
vouches for 192.168.1.20. So the desk has an authority of its own, which can vouch for nothing but
this network.
"""
