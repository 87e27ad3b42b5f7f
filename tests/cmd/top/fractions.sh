f=$TESTDATA/checkout.before.cpu.pb.gz
prof top --nodefraction=0.1 $f
echo "rows at 0.005: $(prof top --nodefraction=0.005 $f | grep -c %), as without: $(prof top $f | grep -c %), at 0: $(prof top --nodefraction=0 $f | grep -c %)"
