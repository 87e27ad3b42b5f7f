# 80 rows where nothing else is said; calls go over what is left out, and light ones go.
f=$TESTDATA/checkout.after.cpu.pb.gz
prof tree $f | grep -c '| [^ ]'
prof tree -n 5 --nodefraction=0.05 --edgefraction=0.2 $f
prof tree --no-trim $f | grep -c '| [^ ]'
prof tree --trim=false -n 5 $f | cmp - <(prof tree --no-trim $f)
