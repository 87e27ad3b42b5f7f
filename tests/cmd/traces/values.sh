f=$TESTDATA/contend.mutex.pb.gz
prof traces --mean --prune_from=Unlock --compact_labels $f | grep -v '^             '
prof traces --unit=ms --divide_by=10 --focus=reload $f
prof traces --noinlines --tagroot=bytes --tagleaf=bytes --focus=leaky --unit=kb $TESTDATA/leaky.heap.t3.pb.gz | head -n 40
