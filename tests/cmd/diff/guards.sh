# What is warned of.
a=$TESTDATA/checkout.before.cpu.pb.gz b=$TESTDATA/checkout.after.cpu.pb.gz
profdiff $b $a | grep ^warning
profdiff $TESTDATA/go1.19.checkout.before.cpu.pb.gz $a | grep ^warning
profdiff $a $b --new $b $b | grep ^warning
profdiff --sample_index=inuse_space $TESTDATA/leaky.heap.t0.pb.gz $TESTDATA/leaky.heap.t3.pb.gz | grep ^warning
profdiff --focus=nothing.like.it $a $b | grep ^warning
profdiff --duration $TESTDATA/leaky.heap.t0.pb.gz $TESTDATA/leaky.heap.t3.pb.gz | head -n 2
frames() { local i; for ((i = 0; i < 63; i++)); do printf 'main.f%d;' $i; done; echo "main.$1 100"; }
frames g >deep.old; frames g >deep.new; echo 'main.f0;main.g 100' >>deep.new
profdiff deep.old deep.new | grep ^warning
echo 'a.one;a.two 100' >one; echo 'b.three;b.four;b.six 100' >other
profdiff one other | head -n 2
for f in a b c d e; do echo "main.main;main.$f 500"; done >equal; echo 'runtime.gcBgMarkWorker;runtime.gcDrain 500' >>equal
for f in a b c d e; do echo "main.main;main.$f 250"; done >faster; echo 'runtime.gcBgMarkWorker;runtime.gcDrain 1900' >>faster
profdiff equal equal equal --new faster faster faster | grep ^warning
profdiff --ops 1,1 equal equal equal --new faster faster faster | grep ^warning
