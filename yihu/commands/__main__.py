"""`python -m yihu.commands`: the same as `yihu`."""

from yihu.commands import main

main()
