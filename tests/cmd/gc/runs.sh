# Numbers that begin anew begin another run; so does another file.
{ gclog CYCLES=3; gclog CYCLES=2; } >f
gclog CYCLES=4 LIVE=50 >g
prof gc f g
prof gc --json f g | json sources.1.name segments cycles.4.segment cycles.4.period_ns cycles.5.segment cycles.5.period_ns cycles.6.period_ns
