prof info testdata/shapes.go1.27.crash.txt testdata/leaky.goroutine.t3.debug2.txt.gz
# far behind what tells the kind, in a log
(yes 'a line of a log' | head -20000; sed 's/^/2026-11-20T15:48:01Z stderr F /' testdata/shapes.go1.22.debug2.txt) >log
prof info log
prof top -n 3 log
