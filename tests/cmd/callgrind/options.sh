f=$TESTDATA/contend.mutex.pb.gz
prof callgrind --mean --unit=us $f
prof callgrind --noinlines --hide=Unlock --divide_by=100 $f
prof callgrind --lines -n 1 --cum=false --nodefraction=0.9 $f | cmp - <(prof callgrind $f)
prof callgrind --json $f; echo "$?"
