"""What phones handed in is sealed again when the key is renewed, as the books are."""

from __future__ import annotations

from collections import Counter

from django.db import transaction

from yihu.access.sealing import key_of
from yihu.book import dictionary
from yihu.sync.models import Arrival

CHUNK = 500


def keys_in_use() -> Counter[int]:
    """Number of each key → how many entries that stand aside it sealed."""
    bodies = Arrival.objects.filter(body__isnull=False).values_list("body", flat=True)
    return Counter(key_of(body[1]) for body in bodies.iterator(chunk_size=CHUNK) if body)


def seal_again() -> int:
    """Seal every body that an older key sealed with the one of now; returns how many."""
    count = 0
    aside = Arrival.objects.filter(body__isnull=False).order_by("pk")
    ids = list(aside.values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        count += _some(ids[start : start + CHUNK])
    return count


@transaction.atomic
def _some(ids: list[int]) -> int:
    keys = dictionary.keys()
    renewed = []
    for row in Arrival.objects.select_for_update().filter(pk__in=ids).order_by("pk"):
        if row.body is None:  # settled meanwhile
            continue
        commitment, token = row.body
        if (new := keys.again(commitment, token)) != token:
            row.body = [commitment, new]
            renewed.append(row)
    Arrival.objects.bulk_update(renewed, ["body"])
    return len(renewed)
