# Stacks are never cut; filters, granularity and two sides apply.
f=$TESTDATA/checkout.after.cpu.pb.gz
prof flame --format=folded $f | cmp - <(prof convert --to=folded $f) && echo "as convert"
prof flame -o got.folded --lines $f && prof convert --to=folded --lines $f | cmp - got.folded && echo "lines as convert"
prof flame --format=folded --focus=scoreItem --by=package $f
prof flame --format=folded --focus=scoreItem --by=file $f
prof flame --format=folded --focus=scoreItem --noinlines $f
prof flame --format=folded --focus='normalize|scoreItem' --show=main --diff_base=$TESTDATA/checkout.before.cpu.pb.gz $f
prof flame --format=folded --sample_index=samples --focus=scoreItem --show=main $f
