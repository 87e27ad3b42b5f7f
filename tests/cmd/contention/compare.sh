# Of two processes what got worse: here two moments of one, as if they were.
f=testdata/contend
prof contention --duration=1s $f.block.t0.pb.gz $f.mutex.t0.pb.gz --new $f.block.t1.pb.gz $f.mutex.t1.pb.gz
echo
prof contention $f.block.t1.pb.gz --new $f.block.t0.pb.gz
prof contention --json --duration=1s $f.block.t0.pb.gz --new $f.block.t1.pb.gz |
	grep -o '"changes":.*' | sed 's/},{"site"/},\n{"site"/g'
