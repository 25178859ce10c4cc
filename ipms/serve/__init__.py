"""Production's processes: the web server, the worker and beat, each started by one command.

`python -m ipms.serve web | worker | beat` starts one; `python -m ipms.health` with the same word tells
whether it lives.
"""
