# Who waits and who holds as bars; with the queues of a trace below.
f=testdata/contend
prof contention --svg --picture=holders $f.block.t[01].pb.gz $f.mutex.t[01].pb.gz
prof contention --picture=holders -o holds.svg testdata/holds.go1.27.trace && xmllint --noout holds.svg
grep -o '<title>[^<]*' -A4 holds.svg | grep -v '^--' | head -30
# A dump has none of it; a flame graph of who waits now.
prof contention --svg --picture=holders $f.goroutine.t1.debug2.txt || echo "status $?"
prof contention -o now.svg $f.goroutine.t1.debug2.txt && xmllint --noout now.svg && grep -o '<title>\[[^<]*' now.svg
prof contention -o waits.svg testdata/holds.go1.27.trace && xmllint --noout waits.svg && grep -o '<title>\[[^<]*' waits.svg
prof contention --idle -o idle.svg testdata/holds.go1.27.trace && grep -o '<title>\[[^<]*' idle.svg
# Of two processes how it differs.
prof contention -o diff.svg $f.block.t0.pb.gz --new $f.block.t1.pb.gz && xmllint --noout diff.svg && grep -o '<text class="sub"[^<]*' diff.svg | head -1
# A page has all of it, well-formed whatever a name is.
printf 'goroutine 5 [sync.Mutex.Lock]:\nsync.(*Mutex).Lock(...)\n\t/go/sync/mutex.go:1\nmain.<img src=x>|"&(0x1)\n\t/tmp/<b>.go:1 +0x1\n' >hostile
prof contention -o hostile.html hostile $f.block.t1.pb.gz && xmllint --noout hostile.html
grep -c '<img' hostile.html || true
prof contention -o page.html testdata/holds.go1.27.trace && xmllint --noout page.html
grep -o 'class="bars"\|class="curves"\|<h1>.*</h1>' page.html
