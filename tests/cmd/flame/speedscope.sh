# Two sides are two profiles in one file.
f=$TESTDATA/checkout.after.cpu.pb.gz
prof flame -o got.speedscope.json $f && prof convert -o want.speedscope.json $f && cmp got.speedscope.json want.speedscope.json && echo "as convert"
prof flame --format=speedscope --show='^main\.' --focus=normalize --sample_index=cpu --diff_base=$TESTDATA/checkout.before.cpu.pb.gz $f
