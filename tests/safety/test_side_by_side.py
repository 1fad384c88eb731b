"""Cards read by several processes are those one process reads, secret values among them."""

from __future__ import annotations

import json

SCRIPT = """
import json
from yihu.commands import installation
installation.ready()
from yihu import loop
from yihu.book import dictionary
from yihu.check import cards_read, remembered
from yihu.check.progress import quiet
from yihu.check.whole import _programs

cards_read.LEAST_OF_MANY = 0
on = loop.this_moment().today
asked = cards_read.Asked.by(_programs(dictionary.active().hash, on)[1])
ids = remembered._heads()[0]
told = []
one = cards_read.read_cards(asked, quiet)
several = cards_read.read_side_by_side(asked, lambda *n: told.append(n), ids, 2)

def shown(table):
    rows = {name: table.column(name).to_pylist() for name in table.column_names}
    return {name: values for name, values in rows.items() if any(v is not None for v in values)}

def run():
    remembered.forget()
    made = loop.check_all(at=loop.this_moment(), processes=2)
    return made.counts

print(json.dumps({
    "households": len(ids), "parts": len(told), "identities": shown(one.people)["identity"],
    "homes": shown(one.homes) == shown(several.homes),
    "people": shown(one.people) == shown(several.people),
    "counts": run() == run(),
}))
"""


def test_several_processes_read_what_one_reads(installation):
    found = json.loads(installation.script(SCRIPT).splitlines()[-1])

    assert found["households"] == 6
    assert found["parts"] > 1
    assert found["identities"].count("11010519491231002X") == 6
    assert (found["homes"], found["people"], found["counts"]) == (True, True, True)


AGAIN = """
import json
from yihu.commands import installation
installation.ready()
from yihu import loop
from yihu.book.models import Entry
from yihu.check import whole
from yihu.check.models import HouseholdFindings
from yihu.ledger.models import Gap

whole.AT_ONCE = 2
at = loop.this_moment()

def stands():
    rows = HouseholdFindings.objects.order_by("pk").values_list("pk", "answers", "people")
    return sorted(map(str, rows)), sorted(map(str, Gap.objects.values_list("pk", "state")))

looked = []
def check():
    before = Entry.objects.count()
    loop.check_all(at=at, processes=2, progress=lambda what, *n: looked.append((what, *n)))
    return Entry.objects.count() - before

check()
first, wrote = stands(), [check()]
odd, other = HouseholdFindings.objects.order_by("pk")[1], Gap.objects.order_by("pk").last()
HouseholdFindings.objects.filter(pk=odd.pk).update(answers="0")
Gap.objects.filter(pk=other.pk).update(state="cleared", todo=0)
wrote.append(check())
writing = [n for what, *n in looked if what == "writing"]
print(json.dumps({
    "wrote": wrote, "gaps": len(first[1]), "same": stands()[0] == first[0],
    "open": Gap.objects.get(pk=other.pk).state != "cleared", "last": writing[-1],
}))
"""


def test_several_processes_find_who_stands_otherwise_and_nobody_else_is_written(installation):
    found = json.loads(installation.script(AGAIN).splitlines()[-1])

    assert found["gaps"] > 0
    assert found["wrote"] == [0, 1]
    assert (found["same"], found["open"], found["last"]) == (True, True, [6, 6])
