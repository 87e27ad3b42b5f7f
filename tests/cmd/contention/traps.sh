# What is told of samples, of old versions, and of times that do not go together.
f=testdata/contend
# name count delay…: a stack each
profile()
{
	printf -- '--- %s:\ncycles/second=1000000000\n' $1
	[ $1 = mutex ] && echo "sampling period=$2"
	shift 2
	while [ $# -gt 0 ]; do
		printf '%s %s @ 0x%x 0x%x\n#\t0x%x\t%s+0x1\tsync/x.go:1\n#\t0x%x\t%s+0x1\tshop/x.go:%d\n\n' $2 $1 \
			$((0x1001 + $#)) $((0x2001 + $#)) $((0x1000 + $#)) "$3" $((0x2000 + $#)) "$4" $#
		shift 4
	done
}
profile contention 0 7 49998 'sync.(*Mutex).Lock' main.a 900 812345678 'sync.(*Mutex).Lock' main.b >rate
profile mutex 1 20 5123456 'sync.(*Mutex).Unlock' main.a 30 6123456 'sync.(*Mutex).Unlock' main.b \
	250 7123456 'sync.(*Mutex).Unlock' main.c 40 800000 'sync.(*Mutex).Unlock' main.d >period1
profile mutex 10 20 5123456 'sync.(*Mutex).Unlock' main.a 30 6123456 'sync.(*Mutex).Unlock' main.b >period10
profile mutex 1 20 5123456 'sync.(*Mutex).Unlock' main.a 33 6123456 'sync.(*Mutex).Unlock' main.b >exact
profile mutex 1 185 54508870 runtime._LostContendedRuntimeLock runtime.f 3 4123456 'sync.(*Mutex).Unlock' main.a >lost
profile contention 0 >nothing
for i in rate period1 period10 exact lost; do
	echo "== $i"
	prof contention --duration=1s $i | grep ^note
done
echo '== nothing'
prof contention nothing
echo '== one since the start, the other not'
prof contention $f.block.t[01].pb.gz $f.mutex.t1.pb.gz | grep ^note
echo '== one of Go before 1.22'
prof contention --duration=1s exact --new $f.mutex.t1.pb.gz | grep ^note
