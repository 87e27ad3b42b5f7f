# The three leaks of the service in testdata, and nothing else.
prof leak testdata/leaky.goroutine.t[0-3].pb.gz
prof leak --every=4m testdata/leaky.goroutine.t[0-3].debug2.txt.gz
# forms mixed, the last one as text without the runtime's names
prof leak --every=4m testdata/leaky.goroutine.t0.debug2.txt.gz testdata/leaky.goroutine.t1.pb.gz \
	testdata/leaky.goroutine.t2.debug2.txt.gz testdata/leaky.goroutine.t3.debug1.txt
