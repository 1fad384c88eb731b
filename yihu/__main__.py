"""`python -m yihu`: the same as `yihu`."""

from yihu.commands import main

main()
