# Text profiles and dumps tell the same, less exactly.
f=testdata/contend
prof contention $f.block.t1.debug1.txt $f.mutex.t1.debug1.txt --duration=1s
echo
prof contention $f.goroutine.t1.debug2.txt
