a=$TESTDATA/gcpace.gogc100.log b=$TESTDATA/gcpace.gogc50.log
try() { prof gc "$@" 2>&1 | grep -E '^(gate|prof)'; prof gc "$@" >out 2>err; echo "$? $*"; }
# Of one run: what it did.
try --fail-on 'pause.p99>1ms' $a
try --fail-on 'pause.p99>2ms' $a
try --fail-on 'pause.max >= 1.3ms' $a
try --warn-on 'pause.p99>1ms' $a
try --fail-on 'gc_cpu>10%' --fail-on 'gc_cpu<0.5%' $a
try --fail-on 'gc_cpu>0.5%' $a
try --fail-on 'peak>300MiB' --fail-on 'live<100MB' $a
try --fail-on 'alloc_rate>1GB/s' $a
try --warn-on 'alloc_rate>1000MB' --warn-on 'pause.max>0.00001min' $a
prof gc --json --fail-on 'pause.p99>2ms' --warn-on 'peak>100MB' $a | json gates
# A change needs an old run.
try --fail-on 'peak>5%' $a
try --on-inconclusive=warn --fail-on 'peak>5%' $a
try --on-inconclusive=pass --fail-on 'peak>5%' $a
# Of two: changes that are more than chance.
try --fail-on 'cycles>50%' $a --new $b
try --fail-on 'cycles>200%' $a --new $b
try --fail-on 'peak<-10%' $a --new $b
try --fail-on 'gc_cpu>0.01pp' $a --new $b
try --fail-on 'alloc_rate>1%' $b --new $a
try --fail-on 'alloc_rate<-1%' --fail-on 'peak>1%' $b --new $a
# What makes no sense.
for g in 'pause.p99' 'pauses>1ms' 'pause.p99>' 'pause.p99>1MB' 'pause.p99>1pp' 'peak>1' 'cycles>1ms' 'gc_cpu>1x' 'peak:main>1MB'; do
	prof gc --fail-on "$g" $a; echo "$?"
done
