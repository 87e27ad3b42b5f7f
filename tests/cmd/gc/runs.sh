# Numbers that begin anew begin another run; so does another file.
{ gclog CYCLES=3; gclog CYCLES=2; } >f
gclog CYCLES=4 LIVE=50 >g
prof gc f g
prof gc --json f g | json sources.1.name segments cycles.4.segment cycles.4.period_ns cycles.5.segment cycles.5.period_ns cycles.6.period_ns
# Each run has settings of its own.
gclog CYCLES=30 GOGC=50 LIVE=80 >f
gclog CYCLES=30 GOGC=200 LIVE=80 >g
prof gc f g | head -1
prof gc --json f g | json segments.0.gogc segments.1.gogc model.gogc model.goals_by_formula
prof gc --json --what-if gogc=100 f g | json what_if.0.cycles what_if.3.cycles what_if.4.peak_bytes what_if.5.peak_bytes
