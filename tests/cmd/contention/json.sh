f=testdata/contend
prof contention --json $f.block.t[01].pb.gz $f.mutex.t[01].pb.gz $f.goroutine.t1.debug2.txt
