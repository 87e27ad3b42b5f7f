f=testdata/contend
prof contention --md $f.block.t[01].pb.gz $f.mutex.t[01].pb.gz
prof contention --md --duration=1s $f.block.t0.pb.gz --new $f.block.t1.pb.gz
