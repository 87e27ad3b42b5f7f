# One moment, since the start; and what was between two, with what every goroutine did at the end.
f=testdata/contend
prof contention $f.block.pb.gz
echo
prof contention $f.mutex.pb.gz
echo
prof contention $f.block.t[01].pb.gz $f.mutex.t[01].pb.gz $f.goroutine.t1.debug2.txt --idle
