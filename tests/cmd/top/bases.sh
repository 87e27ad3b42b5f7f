# Against itself nothing is left; percents are of what differs with base, of the base with diff_base.
a=$TESTDATA/leaky.goroutine.t0.pb.gz b=$TESTDATA/leaky.goroutine.t3.pb.gz
prof top --base=$b $b
prof top --base=$a $b
prof top --diff_base=$a $b
prof top --diff_base=$a --normalize -n 3 $b
prof top --diff_base=$b --drop_negative --cum $a
# Several: pprof takes the last, prof subtracts the sum.
prof top --base=$a --base=$a $b
prof merge -o two.pb.gz $a $a && prof top --base=two.pb.gz $b | tail -n +5 | cmp - <(prof top --base=$a --base=$a $b | tail -n +5)
