# Several runs of a side: folded stacks of known counts, as files, by a pattern, as snapshots.
run() { printf 'main.main;main.%s %d\n' a $2 b $3 c $4 d 100 e 100 f 100 >$1; }
for i in 1 2 3 4 5; do run old.$i $((195 + i)) 100 $((100 - i)); run new.$i $((295 + i)) 100 $((100 - i)); done
profdiff old.1 old.2 old.3 old.4 old.5 --new new.1 new.2 new.3 new.4 new.5 | tee want
profdiff 'old.?' --new 'new.*' | cmp - want && echo by a pattern
profdiff --ops 1,1 'old.?' --new 'new.?'
profdiff --ops 1,2 'old.?' --new 'new.?' | head -n 1
profdiff --json 'old.?' --new 'new.?' | json old.runs total.ratio scale.method rows.0
profdiff 'old.?' --new old.1 old.2 | head -n 2
touch 'odd[1].*'; cp old.1 'odd[1].*'
profdiff 'odd[1].*' new.1 | sed -n 3p
profdiff --effect=60 'old.?' --new 'old.?' | head -n 1
