# Gates: what fails, what is told only, what the data cannot answer.
run() { printf 'main.main;main.%s %d\n' a $2 b $3 c $4 d 100 e 100 f 100 >$1; }
for i in 1 2 3 4 5; do run old.$i $((195 + i)) 100 $((100 - i)); run new.$i $((295 + i)) 100 $((100 - i)); done
gate() { profdiff --ops 1,1 "$@" 'old.?' --new 'new.?' | grep ^gate; echo "${PIPESTATUS[0]}"; }
gate --fail-on 'samples.total>3%'
gate --fail-on 'total > 30 %' --fail-on 'func:main\.a>=40%'
gate --fail-on 'func:main\.[b-f]>40%' --fail-on 'func.own:main\.a>5pp' --warn-on 'func.flat:a>90' --fail-on 'total>50%'
gate --fail-on 'func:main.b>3%' --fail-on 'total>50%'
gate --fail-on 'hot>20%' --fail-on 'total<-5%'
gate --fail-on 'cpu.total>3%'
gate --warn-on 'func:main.b>3%'
gate --on-inconclusive=warn --fail-on 'func:main.b>3%'
gate --on-inconclusive=pass --fail-on 'func:main.b>3%'
gate --rules default
printf '# ours\n\nfail total>3%%\n\twarn func:main.a > 10%%\r\nfail cpu.total>1ms\n' >rules
gate --rules rules
printf 'fail total>3%%\nfial total>3%%\n' >rules
gate --rules rules
gate --rules no/such/file
for bad in '' total 'total>' 'total>x' 'total>3wibbles' 'sum>3%' 'total:x>3%' 'func:(>3%' 'total>3%x'; do gate --fail-on "$bad"; done
profdiff --json --fail-on 'func:main\.a>40%' --warn-on 'x.total>1%' 'old.?' --new 'new.?' | json gates gates.0 gates.1
profdiff --fail-on 'total>3%' $TESTDATA/contend.mutex.pb.gz $TESTDATA/contend.block.pb.gz | head -n 3; echo "${PIPESTATUS[0]}"
profdiff --fail-on 'goroutine.total>20' $TESTDATA/leaky.goroutine.t0.pb.gz $TESTDATA/leaky.goroutine.t3.pb.gz | grep ^gate; echo "${PIPESTATUS[0]}"
