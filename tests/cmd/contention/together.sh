# Inputs that do not go together.
f=testdata/contend
try()
{
	prof contention "$@" | head -3
	echo "status ${PIPESTATUS[0]}"
}
try $f.block.pb.gz $f.block.t1.pb.gz
try $f.block.pb.gz testdata/textgen.block.pb.gz
try testdata/checkout.before.cpu.pb.gz
try testdata/gcpace.gogc100.log
try $f.block.t1.debug1.txt testdata/textgen.block.debug1.txt
try
try --new $f.block.pb.gz
