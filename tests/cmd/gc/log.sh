# What applications, loggers and other threads make of the lines.
printf 'starting\n' >f
gclog CYCLES=3 | sed 's/^/Nov 20 12:00:00 host app[1]: /' >>f
gclog FIRST=4 CYCLES=2 START=1 | sed 's/->/-\\u003e/g; s/.*/{"log":"&\\n","stream":"stderr"}/' >>f
gclog FIRST=6 CYCLES=1 START=2 | sed 's/ MB globals/ listening\x1b[31m/' >>f
gclog FIRST=7 CYCLES=1 START=3 | sed 's/clock, /clo/' >>f
gclog FIRST=9 CYCLES=1 START=4 | tr -d '\n' >>f
gclog FIRST=10 CYCLES=1 START=5 >>f
prof gc f; echo "$?"
prof gc --json f | json sources.0 segments.0.lost_cycles findings.0 findings.1
