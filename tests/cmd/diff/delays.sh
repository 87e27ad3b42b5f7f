# Go 1.22: main.store holds its lock three times as long in the second build, main.find does what it did. From four
# runs a side delays are compared, by how often unchanged code waited or per operation; with fewer, contentions.
t=$TESTDATA/go1.22.delays
for kind in mutex block; do
	echo "== $kind"
	profdiff $t.before.*.$kind.pb.gz --new $t.after.*.$kind.pb.gz
	profdiff --ops 1,1 $t.before.*.$kind.pb.gz --new $t.after.*.$kind.pb.gz | sed -n '5,9p'
	profdiff $t.before.[12].$kind.pb.gz --new $t.before.[34].$kind.pb.gz | sed -n '1p;3,5p'
done
echo "== an operation of the new side is two"
profdiff --ops 1,2 $t.before.*.mutex.pb.gz --new $t.after.*.mutex.pb.gz | grep main.store
profdiff --fail-on 'delay.func:main.store>50%' $t.before.*.mutex.pb.gz --new $t.after.*.mutex.pb.gz >/dev/null
echo "$?"
