"""A sheet nobody has written: thrown away with all that was made of it."""

from __future__ import annotations

from yihu.exchange.dry import reasons_id
from yihu.exchange.kept import forget
from yihu.exchange.models import Upload
from yihu.exchange.returned_ready import take_away
from yihu.exchange.submissions_files import id_of
from yihu.exchange.work import BUSY, is_cut_off
from yihu.problems import Problem


def may_be_thrown_away(upload: Upload) -> bool:
    """Is it an import of which nothing ever came into a book, and which nobody is working on?"""
    resting = upload.state not in BUSY or is_cut_off(upload)
    return upload.use == "import" and upload.batch_id is None and resting


def throw_away(upload: Upload) -> None:
    """Forget the file, what the dry run found, and that it was sent.

    Raises  Problem (exchange.not_in_state): it was written, or somebody has begun to
    """
    if not may_be_thrown_away(upload):
        raise Problem("exchange.not_in_state", status=409, state=upload.state)
    # As it was looked at: whoever has begun to write it meanwhile is not in the way.
    gone, _ = Upload.objects.filter(pk=upload.pk, state=upload.state, batch=None).delete()
    if not gone:
        raise Problem("exchange.not_in_state", status=409, state=upload.state)
    take_away(upload.pk)
    for id in (upload.pk, id_of(upload.pk), reasons_id(upload.pk)):
        forget(id)
