"""Google Calendar behind the ports: googleapiclient, google-auth and httplib2 live here alone.

Nothing is imported here: signing in must not load the Calendar client, nor the other way round.
"""
