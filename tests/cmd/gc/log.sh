# What applications, loggers and other threads make of the lines.
printf 'starting\n' >f
gclog CYCLES=3 | sed 's/^/Nov 20 12:00:00 host app[1]: /' >>f
gclog FIRST=4 CYCLES=2 START=1 | sed 's/->/-\\u003e/g; s/.*/{"log":"&\\n","stream":"stderr"}/' >>f
gclog FIRST=6 CYCLES=1 START=2 | sed 's/ MB globals/ listening\x1b[31m/' >>f
gclog FIRST=7 CYCLES=1 START=3 | sed 's/clock, /clo/' >>f
gclog FIRST=9 CYCLES=1 START=4 | tr -d '\n' >>f
gclog FIRST=10 CYCLES=1 START=5 >>f
gclog FIRST=11 CYCLES=2 START=6 | sed 's/^/2026-11-20T12:00:00.000000001Z stderr F /' >>f
gclog FIRST=13 CYCLES=2 START=8 | sed 's/^/app_1  | /' >>f
gclog FIRST=15 CYCLES=2 START=9 | sed 's/^/\x1b[36mapp-7f9c\x1b[0m ts=2026-11-20T12:00:00Z level=info msg="/; s/$/"/' >>f
printf 'the gc 17 lines @ noon\nreports: 3->2->1 MB\n' >>f
prof gc f; echo "$?"
prof gc --json f | json sources.0 segments.0.lost_cycles findings.0 findings.1
