# pprof's options from before sample_index; its binary before the file; its own -symbolize.
h=$TESTDATA/leaky.heap.t3.pb.gz m=$TESTDATA/contend.mutex.pb.gz
for type in inuse_space inuse_objects alloc_space alloc_objects; do
	prof -top -$type $h | cmp - <(prof top --sample_index=$type $h) && echo $type
done
prof top -contentions $m | cmp - <(prof top --sample_index=contentions $m)
prof top -total_delay $m | cmp - <(prof top --sample_index=delay $m)
prof top -mean_delay $m | cmp - <(prof top --sample_index=delay --mean $m)
prof top -inuse_space $m; echo "$?"
prof -top -symbolize=none $PROF $h | tail -n +2 | cmp - <(prof top $h | tail -n +2)
prof top $PROF $h $h | tail -n +2 | cmp - <(prof top $h $h | tail -n +2)
prof top $h $PROF 2>&1 | sed "s,$PROF,BINARY,"
