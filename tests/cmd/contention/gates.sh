# Of one process the rates themselves, of two the increase.
f=testdata/contend
try()
{
	prof contention "$@" | grep ^gate
	echo "status ${PIPESTATUS[0]}"
}
try $f.block.t[01].pb.gz --fail-on 'site:cache>1s/s'
try $f.block.t[01].pb.gz --fail-on 'site:cache>3' --warn-on 'mean:produce>1us' --fail-on 'site:nothing>1'
try $f.block.t[01].pb.gz --fail-on 'contention>2500ms/s' --warn-on 'backpressure<=1'
try $f.block.t1.pb.gz --fail-on 'site>1ms/s'
try $f.block.t1.pb.gz --fail-on 'max>1ms' --on-inconclusive=warn
try --duration=1s $f.block.t0.pb.gz --new $f.block.t1.pb.gz --fail-on 'site>10%' --fail-on 'mean>50%' --warn-on 'contention>100%'
for gate in 'flat>1' 'site:(>1' 'site>1MB' 'mean>1pp' 'contention:x>1' 'site>1%' 'site'; do
	try $f.block.t1.pb.gz --fail-on "$gate"
done
