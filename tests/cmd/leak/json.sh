prof leak --json --every=4m testdata/leaky.goroutine.t[0-3].debug2.txt.gz
