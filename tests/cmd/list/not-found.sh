# The lines by number; where was looked once a file.
f=$TESTDATA/checkout.before.cpu.pb.gz
prof list --source_path=none 'main\.(build|lookup|normalize|Order)|sort\.insertionSort' $f
wire profile >g
prof list . g
prof list --source_path=a::b/ --noinlines 'f$' g
