"""What REDbot has to say of one resource: its notes as JSON lines, among them those of the requests it adds by itself
(ranges, codings, conditions).

Usage: notes.py URL [NAME=VALUE…]
"""

import json
import sys
from configparser import ConfigParser

import thor
from redbot.resource import HttpResource

url, *fields = sys.argv[1:]
parser = ConfigParser()
parser.read_dict({"redbot": {"enable_local_access": "True"}})
resource = HttpResource(parser["redbot"])
resource.set_request(url, headers=[tuple(field.split("=", 1)) for field in fields])


@thor.events.on(resource)
def check_done():
    thor.stop()


resource.check()
thor.run()
if not resource.response.complete:
    sys.exit(f"no whole answer: {resource.fetch_error}")


def tell(notes, by):
    for note in notes:
        print(
            json.dumps(
                {
                    "by": by,
                    "level": note.level.value,
                    "name": type(note).__name__,
                    "summary": str(note.summary),
                }
            )
        )
        tell(note.subnotes, by)


print(json.dumps({"status": resource.response.status_code}))
tell(resource.response.notes, resource.check_id)
for check in resource.subreqs.values():
    tell(check.response.notes, check.check_id)
