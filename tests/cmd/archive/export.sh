prof archive add -q --keep-raw n.db testdata/checkout.after.cpu.pb.gz testdata/contend.mutex.pb.gz
prof archive export -o out.pb.gz n.db 2 && prof traces testdata/contend.mutex.pb.gz >a && prof traces out.pb.gz >b && cmp a b && echo same
prof archive export --raw n.db type=mutex | cmp - testdata/contend.mutex.pb.gz && echo same bytes
prof archive export -o out.pb.gz n.db 1 && prof top testdata/checkout.after.cpu.pb.gz >a && prof top out.pb.gz >b && cmp a b && echo same
prof top n.db:1 >b && cmp a b && echo same
prof archive export n.db all; echo "status $?"
prof archive export n.db 9; echo "status $?"
prof archive export nosuch.db 9; echo "status $?"
prof archive add -q m.db testdata/contend.mutex.pb.gz
prof archive export --raw m.db 1; echo "status $?"
prof archive; echo "status $?"
prof archive nosuch; echo "status $?"
# Snapshots are profiles of an archive, too; info looks at one.
prof archive add -q l.db testdata/leaky.goroutine.t?.pb.gz
prof leak l.db:all >a; prof leak testdata/leaky.goroutine.t?.pb.gz >b; cmp a b && echo same
prof leak n.db:1; echo "status $?"
prof info l.db:2 | head -3
prof info l.db:all; echo "status $?"
# A log of the collector is no profile.
prof archive add -q log.db testdata/gc.trace.log
for command in top raw 'convert --to=json' 'archive export'; do
	name=log.db:1
	[ "$command" = 'archive export' ] && name='log.db 1'
	prof $command $name; echo "status $?"
done
prof info log.db:1
