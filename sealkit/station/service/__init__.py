"""The station's service: the ledger over HTTP, for other software and for people.

app         all of it together: routes, page, what watches over every request
serving     runs it on a port until it is told to stop
context     what a service is made of: ledger, the station's key, clock, wording
access      scopes and roles; who calls, by a token
tokens      tokens in the database; nonces likewise
submitting  an export that came is taken and judged
answers     what endpoints answer, as pydantic models; refusals: errors, in the caller's language
history     a seal's history as a list of events
ordering    an order prepared for those who sign it elsewhere
limits      how often somebody may call; bounds: how much may come
watching    request ids, the log (logs), metrics, headers; an error that nobody expected
routes/     the endpoints
page/       the web page

Only what serves imports this: it needs FastAPI and others of the extra `station`.
"""
