# Each finding, and that it is gone past its threshold.
finds() { prof gc "$@" - | grep -E '^(warn|note)' || echo none; }
gclog PAUSE=1.5 >f; finds <f; finds --threshold pause=2ms <f
gclog CPU=30 MARK=10 CYCLES=30 >f; finds <f; finds --threshold gc-cpu=10% <f
gclog CPU=200 MARK=50 CYCLES=30 >f; finds <f; finds --threshold gc-cpu-high=40% --threshold gc-cpu=40% <f
gclog CPU=1500 MARK=500 CYCLES=5 RATE=2000 | finds
gclog ASSIST=2 >f; finds <f; finds --threshold assist=70% <f
gclog LIVE=0 >f; finds <f; finds --threshold often=1ms <f
gclog OVER=8 >f; finds <f; finds --threshold overshoot=9% <f
gclog LIVE=100 GROW=3 CYCLES=40 >f; finds <f; finds --threshold leak=200% <f
gclog LIMIT=140 LIVE=60 GROW=5 CYCLES=14 >f; finds <f
gclog LIMIT=140 LIVE=60 GROW=5 CYCLES=20 CPU=10 RATE=300 >f; finds <f; finds --threshold headroom=0% --threshold gc-cpu-high=99% --threshold gc-cpu=99% <f
gclog CYCLES=5 | sed '3s/$/ (forced)/; 4s/%:/% (checking for goroutine leaks):/; 5s/4 P/8 P/' | finds
{ gclog CYCLES=3; gclog CYCLES=2 FIRST=4 START=150 | sed '1s/[0-9]*->200/110->110/; 2s/@[^ ]*/@271.000s/; 2s/[0-9]*->200/120->120/'; } | finds
gclog CYCLES=9 | sed '8s/[0-9]*->200/120->120/' | finds
{ gclog CYCLES=6; gclog CYCLES=3 FIRST=7 START=10 GOGC=300; } | finds
