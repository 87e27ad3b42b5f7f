# One moment, since the start; and what was between two, with what every goroutine did at the end.
f=testdata/contend
prof contention $f.block.pb.gz
echo
prof contention $f.mutex.pb.gz
echo
prof contention $f.block.t[01].pb.gz $f.mutex.t[01].pb.gz $f.goroutine.t1.debug2.txt --idle
# Two places of one line are one stack, in each of two snapshots, which list them in another order.
place()
{
	printf '%d %d @ 0x401000 %s\n#\t0x401000\tsync.(*Mutex).Lock+0x1\tsync/mutex.go:46\n' "$1" "$2" "$3"
	printf '#\t%s\tmain.f+0x1\tmain.go:7\n\n' "$3"
}
head='--- contention:\ncycles/second=1000000000\n'
(printf -- "$head"; place 3141592 10 0x500000; place 1234567 5 0x500008) >first.txt
(printf -- "$head"; place 9876543 20 0x500008; place 4271828 12 0x500000) >second.txt
prof contention first.txt
prof contention --duration=1s first.txt second.txt
# A profile without samples, beside two block profiles and a mutex profile, is the first mutex profile.
printf -- '--- mutex:\ncycles/second=1000000000\nsampling period=1\n' >empty.txt
prof contention --duration=1s $f.block.t[01].pb.gz empty.txt $f.mutex.t1.debug1.txt | head -3
